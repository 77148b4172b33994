import { describeFaults } from '../kit.ts'
import { ANSWERS } from './answers.ts'
import { CHECKSUMS } from './checksums.ts'
import { CUT } from './cut.ts'
import { HTTP } from './kit.ts'
import { MIRRORS } from './mirrors.ts'
import { RANGES } from './ranges.ts'
import { REDIRECT } from './redirects.ts'

describeFaults(HTTP, { ...CUT, ...RANGES, ...ANSWERS, ...REDIRECT, ...MIRRORS, ...CHECKSUMS })
