interface Numbered {
  readonly before: string
  readonly digits: string
  readonly after: string
}

function parse(name: string): Numbered | undefined {
  const [, before = '', digits = '', after = ''] = /^(.*?)(\d+)(\D*)$/s.exec(name) ?? []
  return digits === '' || digits.length > 15 ? undefined : { before, digits, after }
}

/**
 * Many names in few characters, as cluster tools write them: `w1 w2 w3 w7 cp1` is `w[1-3,7],cp1`. Names that differ in
 * their last number come together, in the order of their numbers; leading zeros count.
 */
export function foldNames(names: readonly string[]): string {
  const groups = new Map<string, { readonly first: Numbered; readonly digits: string[] } | string>()
  for (const name of names) {
    const numbered = parse(name)
    if (numbered === undefined) {
      groups.set(name, name)
      continue
    }
    const { before, digits, after } = numbered
    const padded = /^0\d/.test(digits) ? String(digits.length) : ''
    const id = JSON.stringify([before, after, padded])
    const group = groups.get(id)
    if (group === undefined || typeof group === 'string')
      groups.set(id, { first: numbered, digits: [digits] })
    else group.digits.push(digits)
  }
  return [...groups.values()]
    .map((group) => {
      if (typeof group === 'string') return group
      const { before, after } = group.first
      const [single = ''] = group.digits
      return `${before}${group.digits.length === 1 ? single : `[${ranges(group.digits)}]`}${after}`
    })
    .join(',')
}

function ranges(digits: readonly string[]): string {
  const sorted = [...digits].sort((a, b) => Number(a) - Number(b))
  const parts: string[][] = []
  for (const one of sorted) {
    const last = parts.at(-1)
    if (last !== undefined && Number(one) === Number(last.at(-1)) + 1) last.push(one)
    else parts.push([one])
  }
  return parts
    .map((part) => (part.length === 1 ? part[0] : `${part[0]}${part.length === 2 ? ',' : '-'}${part.at(-1)}`))
    .join(',')
}
