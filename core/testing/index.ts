/** Test kit for plugin authors: real servers with faults on demand, archives, and a conformance suite per kind of plugin. */
export * from './archives.ts'
export { mountSmallDisk, type SmallDisk, smallDiskAvailable } from './disk.ts'
export {
  type ConformanceCase,
  type FormatConformance,
  type FormatProbe,
  type FormatSamples,
  formatConformance,
  type ReadFormat,
  type ReadMember,
  readFormat,
  withFormat,
} from './formats.ts'
export { HOSTILE_TEXTS, hostileRun } from './hostile.ts'
export { type HttpProxy, type HttpProxyOptions, type ProxyLogEntry, startHttpProxy } from './http-proxy.ts'
export type { HttpFault, HttpLogEntry, HttpRoute } from './http-script.ts'
export { type HttpServer, type HttpServerOptions, startHttpServer } from './http-server.ts'
export { leftOut } from './left-out.ts'
export {
  type Network,
  type NetworkHost,
  type NetworkOptions,
  networkAvailable,
  startNetwork,
  type Traffic,
} from './network.ts'
export { findProgram, linkPrograms } from './programs.ts'
export { nodesRun } from './sample-nodes.ts'
export { toolsetRun, toolsetRunBefore } from './sample-toolset.ts'
export * from './samples.ts'
export { freePort, type Sshd, type SshdOptions, sshdAvailable, startSshd } from './sshd.ts'
export { startTcpProxy, type TcpProxy, type TcpProxyOptions } from './tcp-proxy.ts'
export {
  connectThrough,
  deliveryOf,
  type TransportContext,
  type TransportFixture,
  transportContext,
} from './transport-kit.ts'
export { type Runner, transportConformance } from './transports.ts'
export { addTestUser, type TestUser, testUsersAvailable } from './users.ts'
