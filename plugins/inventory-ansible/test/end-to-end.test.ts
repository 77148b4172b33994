import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, RunOptions, RunResult } from '@pkgcache/core'
import {
  type HttpServer,
  leftOut,
  type Sshd,
  smallTar,
  sshdAvailable,
  startHttpServer,
  startSshd,
} from '@pkgcache/core/testing'
import { createCache } from 'pkgcache'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import inventoryAnsible from '../src/index.ts'
import { folderWith } from './support.ts'

const SUITE = 'an Ansible inventory and real sshd'

describe.skipIf(leftOut(SUITE, sshdAvailable()))(SUITE, () => {
  let control: Sshd
  let worker: Sshd
  let server: HttpServer
  let dir: string

  beforeAll(async () => {
    ;[control, worker] = await Promise.all([startSshd(), startSshd()])
    server = await startHttpServer({ routes: { '/tool.tar': { content: smallTar() } } })
  })
  afterAll(() => Promise.all([control.stop(), worker.stop(), server.close()]))

  beforeEach(() => {
    dir = folderWith({
      'inventory/hosts.ini': `cp1 ansible_port=${control.port} ansible_ssh_common_args='-o UserKnownHostsFile=${control.knownHosts}'
w1 ansible_port=${worker.port}
[kube_control_plane]
cp1
[kube_node]
w1
[k8s_cluster:children]
kube_control_plane
kube_node
[k8s_cluster:vars]
ansible_host=127.0.0.1
ansible_user=${control.user}
`,
      'inventory/host_vars/cp1.yml': `ansible_ssh_private_key_file: ${control.identityFile}\npkgcache_root: ${control.root}/cp1\n`,
      'inventory/host_vars/w1/files.yml': `ansible_private_key_file: ${worker.identityFile}\npkgcache_root: ${worker.root}/w1\n`,
      'inventory/group_vars/kube_node.yml': 'pkgcache_labels: {disk: ssd}\n',
    })
  })

  async function run(config: Config, options: RunOptions = {}): Promise<RunResult> {
    const cache = await createCache(
      {
        store: join(dir, 'store'),
        arch: 'amd64',
        packages: [tool('tool')],
        plugins: [
          inventoryAnsible({ files: 'inventory/hosts.ini', defaults: { knownHosts: worker.knownHosts } }),
        ],
        ...config,
      },
      { dir },
    )
    try {
      return await cache.run(options)
    } finally {
      await cache.close()
    }
  }

  const tool = (name: string, to?: string | readonly string[]) => ({
    name,
    version: '1.0',
    url: `${server.url}/tool.tar`,
    ...(to && { to }),
  })
  const told = ({ deliveries }: RunResult) =>
    deliveries.map(
      (one) => `${one.node} ${one.key.name} ${one.state === 'failed' ? one.error.message : one.state}`,
    )
  const on = (sshd: Sshd, node: string) => {
    const root = join(sshd.root, node)
    return existsSync(root) ? readdirSync(root).sort() : []
  }

  it('sends each package to the groups that it names', async () => {
    const packages = [tool('everywhere'), tool('worker-only', 'kube_node'), tool('by-label', ['disk=ssd'])]
    expect(told(await run({ packages })).sort()).toEqual([
      'cp1 everywhere sent',
      'w1 by-label sent',
      'w1 everywhere sent',
      'w1 worker-only sent',
    ])
    expect([on(control, 'cp1'), on(worker, 'w1')]).toEqual([
      ['everywhere'],
      ['by-label', 'everywhere', 'worker-only'],
    ])
  })

  it.each([
    ['kube_control_plane', ['cp1 tool sent']],
    ['disk=ssd', ['w1 tool sent']],
    ['k8s_*', ['cp1 tool present', 'w1 tool present']],
  ])('--node %s', async (pattern, deliveries) => {
    expect(told(await run({}, { nodes: [pattern] }))).toEqual(deliveries)
  })

  it('a broken inventory ends the run before anything is fetched', async () => {
    const asked = server.requests.length
    dir = folderWith({ 'inventory/hosts.ini': '[kube_node]\nw1 ansible_port=none\n' })
    await expect(run({})).rejects.toMatchObject({
      code: 'E_INVENTORY',
      exitCode: 2,
      plugin: 'inventory-ansible',
      stage: 'inventory',
      faults: ['inventory/hosts.ini:2: ansible_port: a port is a number from 1 to 65535, not "none"'],
    })
    expect(server.requests).toHaveLength(asked)
  })
})
