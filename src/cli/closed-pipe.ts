/** `bench … | head` closes stdout early: that is a reader who has seen enough, not a fault of ours. */
export function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}
