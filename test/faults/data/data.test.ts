import { leftOut, smallDiskAvailable } from '@pkgcache/core/testing'
import { CONFIG_FILES } from './config-files.ts'
import { CONFIG_KEYS } from './config-keys.ts'
import { INDEXES } from './index.ts'
import { describeData } from './kit.ts'
import { PLACED, READ_ONLY } from './places.ts'
import { STORES } from './store.ts'

const readOnly = leftOut('faults: data: a read-only disk', smallDiskAvailable())
  ? {}
  : { 'a disk': READ_ONLY }

describeData({ ...CONFIG_FILES, ...CONFIG_KEYS, ...INDEXES, ...STORES, ...PLACED, ...readOnly })
