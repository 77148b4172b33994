/** What a failure with this code makes of the exit status (DESIGN 7): 1 item failed, 2 usage, 3 verification. */
export type ExitCode = 1 | 2 | 3 | 130

interface CodeInfo {
  readonly exit: ExitCode
  /** One sentence for the table in docs/errors.md; a test holds the two together. */
  readonly meaning: string
}

/** Every error code there is. Codes are public API: they are added, never reused. */
export const ERROR_CODES = {
  E_CONFIG: { exit: 2, meaning: 'The configuration has faults; all of them are listed at once.' },
  E_USAGE: { exit: 2, meaning: 'The command line asks for something that does not exist.' },
  E_PLUGIN: { exit: 1, meaning: 'A plugin threw something unexpected or broke its contract.' },
  E_PLUGIN_ORDER: { exit: 2, meaning: 'Plugins are named twice, or their before/after cannot be met.' },
  E_NAME: { exit: 1, meaning: 'A name, version, platform or arch cannot be used safely in a path.' },
  E_UNKNOWN_PACKAGE: { exit: 1, meaning: 'No source plugin knows this package.' },
  E_UNKNOWN_ARCH: {
    exit: 1,
    meaning: 'The project does not publish this package for this platform or arch.',
  },
  E_UNKNOWN_VERSION: { exit: 1, meaning: 'The version is not one, or upstream has no such release.' },
  E_NOT_FOUND: { exit: 1, meaning: 'Upstream answered that there is no such file (404, 410, missing path).' },
  E_FORBIDDEN: { exit: 1, meaning: 'Upstream refuses access (401, 403, 407, unreadable file).' },
  E_HTTP: { exit: 1, meaning: 'Upstream gave another answer than the file.' },
  E_UNREACHABLE: { exit: 1, meaning: 'No connection could be made or held to upstream.' },
  E_STALLED: { exit: 1, meaning: 'Upstream stopped sending for longer than the stall timeout.' },
  E_TRUNCATED: { exit: 1, meaning: 'The body ended before the announced length.' },
  E_TOO_LARGE: { exit: 1, meaning: 'More bytes came than were announced or are allowed.' },
  E_REDIRECT: {
    exit: 1,
    meaning:
      'A redirect is broken, endless, or leads from https to http or from a public to a private place.',
  },
  E_SCHEME: { exit: 1, meaning: 'No fetcher plugin takes URLs of this scheme.' },
  E_DIGEST: { exit: 3, meaning: 'The bytes are not those upstream vouches for; both digests are named.' },
  E_CHECKSUM_FILE: { exit: 3, meaning: 'A configured checksum could not be got or read.' },
  E_SIGNATURE: { exit: 3, meaning: 'A signature asked for is missing, broken, or not by a named signer.' },
  E_TRUST: { exit: 3, meaning: 'The evidence is weaker than the minimum trust asked for.' },
  E_VERIFY: { exit: 3, meaning: 'A verifier found the artifact wrong.' },
  E_SOFTWARE_REPORT: { exit: 1, meaning: 'A software report cannot be read, or is none.' },
  E_TOOLSET: { exit: 1, meaning: 'A toolset file cannot be read, or holds what is not understood.' },
  E_SOURCE_LIST: { exit: 1, meaning: 'A source list cannot be read or written, or is none.' },
  E_VERSION_INDEX: { exit: 1, meaning: 'A version manifest or index is not what it is known to be.' },
  E_TOOL_CACHE: { exit: 1, meaning: 'A tool could not be written into the runner’s tool cache.' },
  E_FORMAT: { exit: 1, meaning: 'No format plugin recognises the file.' },
  E_ARCHIVE: { exit: 1, meaning: 'The archive is damaged or truncated.' },
  E_POLICY: { exit: 3, meaning: 'The archive holds a member that must not reach a node.' },
  E_STORE: { exit: 2, meaning: 'The store cannot be created, read or written.' },
  E_NOSPC: { exit: 1, meaning: 'The disk, quota or file-size limit is exhausted.' },
  E_LOCKED: { exit: 1, meaning: 'Another process holds a lock for too long.' },
  E_LOCK_FILE: { exit: 2, meaning: 'The lock file is missing, or cannot be read, understood or written.' },
  E_NOT_LOCKED: { exit: 1, meaning: 'The package is not in the lock file as it is asked for.' },
  E_NOT_CACHED: { exit: 1, meaning: 'The package, or the kept text, that is asked for is not in the store.' },
  E_CORRUPT: { exit: 3, meaning: 'A stored file is not the one its record describes.' },
  E_TRANSPORT: { exit: 2, meaning: 'No transport plugin takes a node declared like this.' },
  E_INVENTORY: { exit: 2, meaning: 'An inventory of nodes cannot be read or understood.' },
  E_SSH_CONFIG: {
    exit: 1,
    meaning: 'The SSH configuration for a node cannot be read, or asks for what pkgcache does not do.',
  },
  E_IDENTITY: { exit: 1, meaning: 'A key file for a node cannot be read or used.' },
  E_PASSPHRASE: { exit: 1, meaning: 'A key file is encrypted, and its passphrase is missing or wrong.' },
  E_HOST_KEY: { exit: 1, meaning: 'The node’s host key is not known, or known_hosts cannot be read.' },
  E_HOST_KEY_CHANGED: { exit: 1, meaning: 'The node shows another host key than the one known for it.' },
  E_HOST_KEY_REVOKED: { exit: 1, meaning: 'The node shows a host key that known_hosts revokes.' },
  E_NODE_AUTH: { exit: 1, meaning: 'The node refuses every way of logging in that was offered.' },
  E_NODE_UNREACHABLE: { exit: 1, meaning: 'The node cannot be connected to.' },
  E_NODE_LOST: { exit: 1, meaning: 'The connection to the node was lost, and could not be had again.' },
  E_NODE_TIMEOUT: { exit: 1, meaning: 'The node stopped answering.' },
  E_NODE_DENIED: { exit: 1, meaning: 'The target folder on the node cannot be written.' },
  E_NODE_READ_ONLY: { exit: 1, meaning: 'The target folder is on a read-only filesystem of the node.' },
  E_NODE_SYMLINK: {
    exit: 1,
    meaning: 'On the node, the target, its part or a folder on the way is a symbolic link.',
  },
  E_NODE_SFTP: { exit: 1, meaning: 'The node offers no SFTP.' },
  E_NODE_SHELL: { exit: 1, meaning: 'The node runs no commands, or its shell does not understand them.' },
  E_NODE_UNPACK: { exit: 1, meaning: 'The artifact arrived, and could not be unpacked on the node.' },
  E_NODE_COMMAND: { exit: 1, meaning: 'A command of the configuration failed on the node.' },
  E_NODE_NOSPC: { exit: 1, meaning: 'The node has no room for the artifact.' },
  E_NODE_DIGEST: { exit: 3, meaning: 'The node holds other bytes than were sent.' },
  E_NODE: { exit: 1, meaning: 'The node failed in another way.' },
  E_REPORT: { exit: 1, meaning: 'A report could not be written, or one to compare is none.' },
  E_ABORTED: { exit: 130, meaning: 'The run was cancelled.' },
} as const satisfies Record<string, CodeInfo>

/** One of the codes: `E_CONFIG`, `E_DIGEST`, … */
export type ErrorCode = keyof typeof ERROR_CODES
