import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sshdAvailable } from '../../../core/dist/testing/sshd.js'
import { install } from '../../programs.mjs'
import { empty, prepare, sshOptions, startNodes } from '../delivery.mjs'
import { interleave, ratioRow } from '../measure.mjs'
import { missing, PKGCACHE, run } from '../system.mjs'

const NODES = 8

export const rows = ['scp', 'ansible', 'rsync']

/** @typedef {import('../delivery.mjs').Node} Node */

/** @param {import('../system.mjs').Bench} bench @param {readonly Node[]} nodes @param {readonly string[]} archives */
async function ansible(bench, nodes, archives) {
  const inventory = join(bench.temp, 'inventory.yaml')
  const hosts = nodes.map(({ host, port, user, identityFile, knownHosts, root }, index) => [
    `node${index}`,
    {
      ansible_host: host,
      ansible_port: port,
      ansible_user: user,
      ansible_ssh_private_key_file: identityFile,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}`,
      ansible_python_interpreter: '/usr/bin/python3',
      target: join(root, 'ansible'),
    },
  ])
  // JSON is YAML
  await writeFile(inventory, JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } }))
  const playbook = join(bench.temp, 'copy.yaml')
  const copy = { 'ansible.builtin.copy': { src: '{{ item }}', dest: '{{ target }}/' }, loop: archives }
  await writeFile(playbook, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: [copy] }]))
  const env = {
    ...bench.env,
    ANSIBLE_HOME: join(bench.temp, 'ansible'),
    ANSIBLE_NOCOLOR: '1',
    LC_ALL: 'C.UTF-8',
  }
  return {
    name: `Ansible copy, ${NODES} forks`,
    before: () => empty(nodes, 'ansible'),
    work: () => run('ansible-playbook', ['-i', inventory, '-f', `${NODES}`, playbook], { env }),
  }
}

/** @param {readonly Node[]} nodes @param {readonly string[]} archives */
function scp(nodes, archives) {
  const send = (/** @type {Node} */ node) => {
    const target = `${node.user}@${node.host}:${join(node.root, 'scp')}/`
    return run('scp', ['-q', '-P', `${node.port}`, ...sshOptions(node), ...archives, target])
  }
  return {
    name: `${NODES} scp in parallel, nothing checked`,
    before: () => empty(nodes, 'scp'),
    work: () => Promise.all(nodes.map(send)),
  }
}

/** @param {readonly Node[]} nodes @param {readonly string[]} archives */
function rsync(nodes, archives) {
  const compare = (/** @type {Node} */ node) => {
    const shell = ['ssh', '-p', `${node.port}`, ...sshOptions(node)].join(' ')
    return run('rsync', [
      '-c',
      '-e',
      shell,
      ...archives,
      `${node.user}@${node.host}:${join(node.root, 'rsync')}/`,
    ])
  }
  return { name: `${NODES} rsync -c in parallel, nothing to do`, work: () => Promise.all(nodes.map(compare)) }
}

/** @param {import('../system.mjs').Bench} bench */
export async function measure(bench) {
  const wanted = rows.filter((row) => bench.rows.has(row))
  if (wanted.includes('ansible') && missing(['ansible-playbook']) !== undefined) {
    bench.say('ansible: installing ansible-core by apt-get')
    install(['ansible-core'])
  }
  const absent = wanted.map((row) => [row, missing(row === 'ansible' ? ['ansible-playbook'] : [row])])
  const leftOut = Object.fromEntries(absent.filter(([, reason]) => reason !== undefined))
  const able = new Set(wanted.filter((row) => leftOut[row] === undefined))
  const noServers = sshdAvailable()
  if (noServers !== undefined) return { leftOut: noServers }
  if (able.size === 0) return { leftOut }
  const nodes = await startNodes(bench, NODES)
  const { config, archives } = await prepare(bench, nodes)
  const distribute = () => run(PKGCACHE, ['distribute', '--config', config], { env: bench.env })
  const cold = { name: 'pkgcache distribute, cold', before: () => empty(nodes, 'pkgcache'), work: distribute }
  const again = { name: 'pkgcache distribute, nothing to do', work: distribute }
  await empty(nodes, 'rsync')
  const copies = await ansible(bench, nodes, archives)
  const theirs = { scp: scp(nodes, archives), ansible: copies, rsync: rsync(nodes, archives) }
  const samples = await interleave(
    [
      cold,
      ...(able.has('scp') ? [theirs.scp] : []),
      ...(able.has('ansible') ? [theirs.ansible] : []),
      ...(able.has('rsync') ? [again, theirs.rsync] : []),
    ],
    bench.rounds,
  )
  const ratio = (
    /** @type {'scp' | 'ansible' | 'rsync'} */ id,
    /** @type {string} */ work,
    /** @type {string} */ against,
    /** @type {number} */ target,
  ) => {
    const ours = id === 'rsync' ? again : cold
    // what the servers spend is nobody's child here
    const taken = [samples.get(ours.name) ?? [], samples.get(theirs[id].name) ?? []]
    return able.has(id)
      ? [ratioRow({ id, work, against, target }, taken[0] ?? [], taken[1] ?? [], { cpu: false })]
      : []
  }
  return {
    samples,
    leftOut,
    rows: [
      ...ratio('scp', '3 archives (70 MB) to 8 sshd', '8 scp, nothing checked', 1),
      ...ratio('ansible', '3 archives (70 MB) to 8 sshd', 'Ansible copy, 8 forks', 0.08),
      ...ratio('rsync', 'the same, nothing to do', '8 rsync -c', 0.4),
    ],
  }
}
