/** Rows by one of their properties, in the order in which its values first occur. */
export function grouped<Row>(rows: readonly Row[], property: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const value = property(row)
    const group = groups.get(value)
    if (group === undefined) groups.set(value, [row])
    else group.push(row)
  }
  return groups
}
