import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PluginContext, createCache } from '@pkgcache/core'
import { type HttpServer, startHttpServer } from '@pkgcache/core/testing'
import fetchHttp from '@pkgcache/fetch-http'

