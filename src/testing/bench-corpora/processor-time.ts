/**
 * Processor time of this process so far. It is what one core would have needed, also while other programs
 * take their share of the machine, and counts all threads: the engine's own are part of the price.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
