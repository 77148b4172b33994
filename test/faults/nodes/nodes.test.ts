import { HOST_KEYS } from './host-keys.ts'
import { describeNodeFaults } from './kit.ts'
import { DROPS, STALLS } from './lines.ts'
import { LOGINS } from './logins.ts'
import { HOSTILE_NAMES } from './names.ts'
import { SHELLS } from './shells.ts'
import { TARGETS } from './targets.ts'

describeNodeFaults({
  'host keys': HOST_KEYS,
  logins: LOGINS,
  targets: TARGETS,
  'shells and programs': SHELLS,
  drops: DROPS,
  stalls: STALLS,
  'hostile names': HOSTILE_NAMES,
})
