/** What becomes of a directive of ssh_config(5). */
export type Treatment =
  /** It is honoured. */
  | 'used'
  /** It has no bearing on bringing files to a node. */
  | 'passed'
  /** It is not honoured, which is said once: the connection is as safe without it. */
  | 'warned'
  /** It changes where or how one connects: E_SSH_CONFIG. */
  | 'refused'

/** How a directive that is refused may be harmless after all. */
export interface Refusal {
  /** Values that switch it off. */
  readonly off: readonly string[]
  /** What of the node's own configuration takes its place. */
  readonly unless?: 'proxyJump' | 'identityFile' | 'knownHosts'
}

/** The directives that are refused, in lower case. */
export const REFUSED: Readonly<Record<string, Refusal>> = {
  proxycommand: { off: ['none'], unless: 'proxyJump' },
  proxyusefdpass: { off: ['no'], unless: 'proxyJump' },
  certificatefile: { off: ['none'], unless: 'identityFile' },
  pkcs11provider: { off: ['none'], unless: 'identityFile' },
  smartcarddevice: { off: ['none'], unless: 'identityFile' },
  securitykeyprovider: { off: ['none', 'internal'], unless: 'identityFile' },
  canonicalizehostname: { off: ['no'] },
  knownhostscommand: { off: ['none'], unless: 'knownHosts' },
  revokedhostkeys: { off: ['none'] },
  bindinterface: { off: ['none'] },
  pubkeyauthentication: { off: ['yes', 'unbound', 'host-bound'] },
  refuseconnection: { off: [] },
}

const USED = `AddressFamily BindAddress ConnectTimeout GlobalKnownHostsFile HashKnownHosts Host HostKeyAlgorithms HostKeyAlias
  HostName IdentitiesOnly IdentityAgent IdentityFile IgnoreUnknown Include Match Port ProxyJump ServerAliveCountMax
  ServerAliveInterval StrictHostKeyChecking User UserKnownHostsFile`

const WARNED = `Ciphers KexAlgorithms MACs NoHostAuthenticationForLocalhost PubkeyAcceptedAlgorithms PubkeyAcceptedKeyTypes
  RequiredRSASize VerifyHostKeyDNS`

// ControlPath stands here for the usual case, beside a ControlMaster; alone it is refused.
const PASSED = `AddKeysToAgent BatchMode CanonicalDomains CanonicalizeFallbackLocal CanonicalizeMaxDots
  CanonicalizePermittedCNAMEs CASignatureAlgorithms ChallengeResponseAuthentication ChannelTimeout CheckHostIP Cipher
  ClearAllForwardings Compression CompressionLevel ConnectionAttempts ControlMaster ControlPath ControlPersist
  DSAAuthentication DynamicForward EnableEscapeCommandline EnableSSHKeysign EscapeChar ExitOnForwardFailure FingerprintHash
  ForkAfterAuthentication ForwardAgent ForwardX11 ForwardX11Timeout ForwardX11Trusted GatewayPorts GSSAPIAuthentication
  GSSAPIClientIdentity GSSAPIDelegateCredentials GSSAPIKexAlgorithms GSSAPIKeyExchange GSSAPIRenewalForcesRekey
  GSSAPIServerIdentity GSSAPITrustDns HostbasedAcceptedAlgorithms HostbasedAuthentication HostbasedKeyTypes IPQoS
  KbdInteractiveAuthentication KbdInteractiveDevices KeepAlive LocalCommand LocalForward LogLevel LogVerbose
  NumberOfPasswordPrompts ObscureKeystrokeTiming PasswordAuthentication PermitLocalCommand PermitRemoteOpen
  PreferredAuthentications Protocol RekeyLimit RemoteCommand RemoteForward RequestTTY RhostsRSAAuthentication
  RSAAuthentication SendEnv SessionType SetEnv SkeyAuthentication StdinNull StreamLocalBindMask StreamLocalBindUnlink
  SyslogFacility Tag TCPKeepAlive Tunnel TunnelDevice UpdateHostKeys UseKeychain UsePrivilegedPort UseRoaming
  VersionAddendum VisualHostKey WarnWeakCrypto XAuthLocation`

const words = (text: string, treatment: Treatment) =>
  text.split(/\s+/).map((name) => [name.toLowerCase(), treatment] as const)

/** Every directive there is, in lower case; one that is not here is unknown. */
export const DIRECTIVES: ReadonlyMap<string, Treatment> = new Map([
  ...words(USED, 'used'),
  ...words(WARNED, 'warned'),
  ...words(PASSED, 'passed'),
  ...Object.keys(REFUSED).map((name) => [name, 'refused'] as const),
])
