import { afterEach, describe, expect, it } from 'vitest'
import { defineSource } from '../../src/plugins/define.ts'
import { fetchChecksum } from '../../src/trust/checksum-file.ts'
import { type HttpServer, startHttpServer } from '../../testing/http-server.ts'
import { open, SHA256, TAR, told } from '../support/run.ts'
import { tempFolders } from '../support/temp.ts'

const folder = tempFolders()
const TOKEN = 'Bearer s3cret-token'
let server: HttpServer
afterEach(() => server.close())

/** A private repository as its plugin asks it: both the file and its checksum file want the token. */
const acme = defineSource({
  name: 'source-acme',
  async resolve({ name, version, platform, arch }, ctx) {
    const headers = { authorization: TOKEN }
    const digest = await fetchChecksum(ctx, `${server.url}/SHA256SUMS`, 'tool.tar', { headers })
    return { name, version, platform, arch, urls: [`${server.url}/tool.tar`], digests: [digest], headers }
  },
})

describe('a private repository', () => {
  it('gets the token with the checksum file and with the file', async () => {
    server = await startHttpServer({
      routes: { '/tool.tar': { content: TAR }, '/SHA256SUMS': { content: `${SHA256}  tool.tar\n` } },
    })
    const { items } = await (await open(folder(), [acme()])).run()
    expect(told(items)).toEqual(['tool@1.0 published checksum-file'])
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/SHA256SUMS', TOKEN],
      ['/tool.tar', TOKEN],
    ])
  })
})
