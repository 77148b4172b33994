/** Test kit for plugin authors: real servers with faults on demand, and a conformance suite per kind of plugin. */
export * from './archives.ts'
export { formatConformance } from './formats.ts'
export type { HttpProxy, HttpProxyOptions, ProxyLogEntry } from './http-proxy.ts'
export { startHttpProxy } from './http-proxy.ts'
export type { HttpFault, HttpLogEntry, HttpRoute } from './http-script.ts'
export { type HttpServer, type HttpServerOptions, startHttpServer } from './http-server.ts'
