import { beforeAll } from 'vitest'
import { describeFaults } from '../kit.ts'
import { type Bombs, bombs, makeBombs } from './bombs.ts'
import { ARCHIVES, served } from './kit.ts'
import { MEMBERS } from './members.ts'
import { TAR_HEADERS } from './tar-headers.ts'
import { TAR_STREAMS } from './tar-streams.ts'
import { ZIPS } from './zips.ts'

const made: Partial<Bombs> = {}
beforeAll(async () => {
  Object.assign(made, await makeBombs())
})

describeFaults(ARCHIVES, {
  ...MEMBERS,
  ...TAR_HEADERS,
  ...TAR_STREAMS,
  ...ZIPS,
  bombs: served(bombs(() => made as Bombs)),
})
