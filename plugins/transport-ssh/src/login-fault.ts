import { PkgcacheError } from '@pkgcache/core/errors'
import type { Candidates } from './identity.ts'
import { shownPlace } from './jump.ts'
import type { Login } from './login.ts'
import type { HostSettings } from './settings.ts'

/** Why a host does not let us in. @returns E_NODE_AUTH */
export function authError(
  { place }: HostSettings,
  { faults }: Candidates,
  login: Login | undefined,
  cause?: unknown,
): PkgcacheError {
  const who = `${shownPlace(place)} refuses to log in ${place.username}`
  const unused = faults.length > 0 ? `; not tried: ${faults.map((one) => one.message).join('; ')}` : ''
  if (login?.partial) {
    return new PkgcacheError(
      'E_NODE_AUTH',
      `${who} with a key alone: it also wants ${login.others.join(', ')}`,
      {
        cause,
        hint: 'let this user log in with a key alone (AuthenticationMethods of sshd_config)',
      },
    )
  }
  const tried = login?.tried ?? []
  const keys = tried.length > 0 ? `with ${tried.join(', ')}` : 'with a key'
  const others = login?.others.length ? ` (it takes no keys, only ${login.others.join(', ')})` : ''
  return new PkgcacheError('E_NODE_AUTH', `${who} ${keys}${others}${unused}`, {
    cause,
    hint: /too many/i.test(cause instanceof Error ? cause.message : '')
      ? 'name the right key with identityFile: the node ends the login after some wrong ones (MaxAuthTries)'
      : `check the user, and that one of these keys is in the authorized_keys of ${place.username} on the node`,
  })
}
