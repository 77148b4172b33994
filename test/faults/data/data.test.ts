import { leftOut, smallDiskAvailable } from '@pkgcache/core/testing'
import { CONFIGS } from './configs.ts'
import { INDEXES } from './index.ts'
import { describeData } from './kit.ts'
import { READ_ONLY, STORES } from './store.ts'

const readOnly = leftOut('faults: data: a read-only disk', smallDiskAvailable())
  ? {}
  : { 'a disk': READ_ONLY }

describeData({ ...CONFIGS, ...INDEXES, ...STORES, ...readOnly })
