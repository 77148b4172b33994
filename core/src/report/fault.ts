import type { PkgcacheError } from '../errors/error.ts'
import type { ReportFault } from './types.ts'

const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi
const SECRET_QUERY = /([?&][^=&\s#]*(?:token|sig|secret|passw|credential|auth|key)[^=&\s#]*=)[^&\s#'"]+/gi

/** Last line of defence: reports are mailed about, and a plugin may have left a password or a signed URL in a text. */
export function withoutCredentials(text: string): string {
  if (!/[@=]/.test(text)) return text
  return text.replace(USER_INFO, '$1').replace(SECRET_QUERY, '$1***')
}

/** An error as reports show it. */
export function fault(error: PkgcacheError): ReportFault {
  return {
    code: error.code,
    message: withoutCredentials(error.message),
    ...(error.hint === undefined ? {} : { hint: withoutCredentials(error.hint) }),
    ...(error.stage === undefined ? {} : { stage: error.stage as NonNullable<ReportFault['stage']> }),
    ...(error.plugin === undefined ? {} : { plugin: error.plugin }),
    ...(error.faults.length === 0 ? {} : { faults: error.faults.map(withoutCredentials) }),
  }
}
