/**
 * The page's only script: sorting for long tables, and a filter box for those that have one before them. The page is
 * complete without it. It moves and hides rows; it never makes markup from text.
 */
export const SCRIPT = `'use strict'
for (const table of document.querySelectorAll('table.sortable')) {
  const groups = Array.from(table.tBodies)
  const collator = new Intl.Collator('en', { numeric: true })
  const valueOf = (group, column) => {
    const cell = group.rows[0].cells[column]
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value)
  }
  const sortBy = (column, descending) => {
    const keyed = groups.map((group) => [valueOf(group, column), group])
    keyed.sort(([a], [b]) => (typeof a === 'number' ? a - b : collator.compare(a, b)))
    if (descending) keyed.reverse()
    table.append(...keyed.map(([, group]) => group))
  }
  const headings = Array.from(table.tHead.rows[0].cells)
  for (const [column, heading] of headings.entries()) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = heading.textContent
    heading.replaceChildren(button)
    button.addEventListener('click', () => {
      const descending = heading.ariaSort === 'ascending'
      for (const other of headings) other.ariaSort = null
      heading.ariaSort = descending ? 'descending' : 'ascending'
      sortBy(column, descending)
    })
  }
  const tools = table.closest('.scroll').previousElementSibling
  if (tools !== null && tools.matches('.tools')) {
    const shown = tools.querySelector('[role=status]')
    let texts
    tools.hidden = false
    tools.querySelector('input').addEventListener('input', (event) => {
      const words = event.target.value.toLowerCase().split(/\\s+/).filter(Boolean)
      texts ??= new Map(groups.map((group) => [group, group.textContent.toLowerCase()]))
      let count = 0
      for (const group of groups) {
        group.hidden = !words.every((word) => texts.get(group).includes(word))
        if (!group.hidden) count++
      }
      shown.textContent = words.length === 0 ? '' : count + ' of ' + groups.length + ' shown'
    })
  }
}
`
