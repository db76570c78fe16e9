/** /proc/net/netstat in the kernel's form, with fewer columns than the 130 of a real one. */
export const netstatText = `TcpExt: SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts TW ListenOverflows ListenDrops TCPHPHits
TcpExt: 0 0 0 0 95134 5 7 150926
IpExt: InNoRoutes InTruncatedPkts InOctets OutOctets
IpExt: 0 0 2123456789 3123456789
`;
