/** Names of one machine, Go's first: those of Node.js, of `uname -m`, of Debian and of RPM. */
const MACHINES: readonly (readonly string[])[] = [
  ['amd64', 'x86_64', 'x64', 'x86-64'],
  ['arm64', 'aarch64', 'armv8'],
  ['arm', 'armv7', 'armv7l', 'armhf', 'armv6', 'armv6l', 'armel', 'armv8l'],
  ['386', 'i386', 'i486', 'i586', 'i686', 'ia32', 'x86'],
  ['ppc64le', 'ppc64el'],
  ['ppc64'],
  ['s390x'],
  ['riscv64'],
  ['loong64', 'loongarch64'],
  ['mips64le', 'mips64el'],
  ['mips64'],
]

function machine(arch: string): string | undefined {
  return MACHINES.find((names) => names.includes(arch.toLowerCase()))?.[0]
}

/** True for a machine's name, false for words such as `noarch`. */
export function isMachine(arch: string): boolean {
  return machine(arch) !== undefined
}

/** True when both name one machine: `amd64` and `x64`. */
export function isSameMachine(a: string, b: string): boolean {
  return a === b || (isMachine(a) && machine(a) === machine(b))
}
