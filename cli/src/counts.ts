/** A whole number, 0 or more, as users write it. @returns undefined when the text is not one */
export function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
