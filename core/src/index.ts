/** The public API of pkgcache's host, all of it. */

export { createCache } from './cache.ts'
export type * from './cache.types.ts'
export { defineConfig } from './config/define.ts'
export { type ConfigLoader, type LoadedConfig, type LoadOptions, loadConfig } from './config/load.ts'
export type * from './config/types.ts'
export { ERROR_CODES, type ErrorCode, type ExitCode } from './errors/codes.ts'
export { type ErrorDetails, PkgcacheError, systemCode, toPkgcacheError } from './errors/error.ts'
export { formatBytes, formatDuration, printable, shorten } from './format.ts'
export type { Evidence, Fetched, Finding, MemberInfo, Staged, Verdict } from './model/artifact.ts'
export type * from './model/comparison.ts'
export {
  algorithmOfHex,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type ExpectedDigest,
} from './model/digest.ts'
export type { LockEntry, LockEvidence, LockSignature } from './model/lock.ts'
export { checkName, formatKey, keyId, type NamePart, type PackageKey } from './model/names.ts'
export type {
  Delivery,
  HostKeyPolicy,
  NodeConfig,
  NodeFile,
  NodeSpec,
  NodeTask,
  Placement,
} from './model/node.ts'
export type * from './model/overview.ts'
export type { StoreRecord } from './model/record.ts'
export type { PackageRequest } from './model/request.ts'
export type { Requirement } from './model/requirement.ts'
export type { Resolution, Resolved, SignatureSource } from './model/resolved.ts'
export type {
  ItemResult,
  LogLevel,
  NodeRemoval,
  NodeResult,
  ReportFile,
  RunEvent,
  RunResult,
  StageName,
} from './model/run.ts'
export { type Choosable, idlePatterns, isChosen } from './model/select.ts'
export { TRUST_LEVELS, type TrustLevel, trustAtLeast } from './model/trust.ts'
export { shownUrl } from './net/shown-url.ts'
export {
  decodeThrough,
  decodeWithCommand,
  fileChunks,
  findCommand,
  zstdDecompress,
} from './normalise/zstd-decompress.ts'
export {
  defineFetcher,
  defineFormat,
  defineInventory,
  definePlugin,
  defineReporter,
  defineSource,
  defineTransport,
  defineVerifier,
} from './plugins/define.ts'
export type * from './plugins/definitions.ts'
export type * from './plugins/types.ts'
export { compareReports } from './report/compare.ts'
export { formatRequirement, groupGaps, type ToolsetGap } from './report/gaps.ts'
export { groupFailures, type ReportFailureGroup } from './report/groups.ts'
export { reportHeadline } from './report/headline.ts'
export type { ReportDocument } from './report/snapshot.ts'
export { summarise } from './report/summary.ts'
export { toolsetCoverage } from './report/toolset.ts'
export type * from './report/toolset.types.ts'
export type * from './report/types.ts'
export { withoutSecrets } from './run/redact.ts'
export { makeFolder } from './store/atomic.ts'
export { hashFile } from './store/hash-file.ts'
export { lockFolder } from './store/locks.ts'
export { fetchChecksum, listedPath, parseChecksumFile } from './trust/checksum-file.ts'
export { pinnedDigests } from './trust/pinned.ts'
