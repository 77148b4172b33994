import { styleText } from 'node:util'

const STYLES = ['red', 'green', 'yellow', 'cyan', 'dim', 'bold'] as const
type Style = (typeof STYLES)[number]

export type Paint = Readonly<Record<Style, (text: string) => string>>

/** Functions that style text, or leave it as it is. Whether to is decided here alone: Node looks at stdout only. */
export function colours(enabled: boolean): Paint {
  const style = (name: Style) => (text: string) =>
    enabled ? styleText(name, text, { validateStream: false }) : text
  return Object.fromEntries(STYLES.map((name) => [name, style(name)])) as unknown as Paint
}
