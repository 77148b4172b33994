// Names of query parameters that give access: tokens, signatures of presigned URLs (S3, GCS, Azure, CloudFront), keys.
const SECRET_NAME =
  /token|secret|passw|pwd|credential|signature|authorization|access-?key|jwt|key$|(?:^|[-_])(?:sig|auth|key|policy|session|pass|pat|sid|code|user|login)(?:$|[-_])/i
// What is a secret whatever it is called: JSON web tokens, tokens of GitHub, GitLab, npm, Slack; AWS key ids.
const SECRET_VALUE = /^(?:eyJ[\w-]|gh[a-z]_|github_pat_|glpat-|npm_|xox[a-z]-|A[KS]IA[A-Z0-9]{12})/

/**
 * A URL as a lock file may hold it: without user and password, without query parameters that look like secrets, without
 * fragment, and what `mask` knows to be a secret masked. Whatever stays is spelled as it was.
 */
export function lockedUrl(text: string, mask: (text: string) => string): string {
  if (!URL.canParse(text)) return mask(text)
  const url = new URL(text)
  url.username = ''
  url.password = ''
  url.hash = ''
  const kept = url.search.slice(1).split('&').filter(isHarmless)
  url.search = kept.join('&')
  return mask(url.href)
}

function isHarmless(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=', 2).map(decoded)
  return !SECRET_NAME.test(name) && !SECRET_VALUE.test(value)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // not percent-encoding: judged as it stands
    return text
  }
}
