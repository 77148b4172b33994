import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const RAW = 'raw.githubusercontent.com/actions'

/** One tool of the small tool cache: real archives of a program that says its version. */
interface Tool {
  /** As manifests, toolsets and folders call it. */
  readonly name: string
  /** As the report lists it under "Cached Tools". */
  readonly listed: string
  readonly versions: readonly string[]
  readonly specs: readonly string[]
}

const TOOLS: readonly Tool[] = [
  { name: 'node', listed: 'Node.js', versions: ['22.17.1', '20.19.4', '20.19.3'], specs: ['20.*', '22.*'] },
  { name: 'go', listed: 'Go', versions: ['1.24.5', '1.23.11'], specs: ['1.23.*', '1.24.*'] },
]

/** Both images are made of the same tools. */
const IMAGES = [
  {
    platform: 'linux',
    end: 'tar.gz',
    title: 'Ubuntu 24.04',
    toolset: 'toolset-2404.json',
    report: 'ubuntu.json',
  },
  {
    platform: 'win32',
    end: 'zip',
    title: 'Windows Server 2025',
    toolset: 'toolset-2025.json',
    report: 'windows.json',
  },
] as const

/** An upstream with version manifests and archives, with toolsets and reports of the images made of them. */
export interface ToolWorld {
  /** `<dir>/<host>/<path>` is what an upstream serves. */
  readonly dir: string
  readonly reports: readonly string[]
  readonly toolsets: readonly string[]
  /** Path below `dir` of one archive. */
  archive(tool: string, version: string, platform: string): string
  remove(): Promise<void>
}

const fileName = (tool: string, version: string, platform: string) =>
  `${tool}-${version}-${platform}-x64.${platform === 'linux' ? 'tar.gz' : 'zip'}`
const archivePath = (tool: string, version: string, platform: string) =>
  `github.com/actions/${tool}-versions/releases/download/${version}-1/${fileName(tool, version, platform)}`

export async function buildToolWorld(): Promise<ToolWorld> {
  const root = await mkdtemp(join(tmpdir(), 'pkgcache-tools-'))
  const dir = join(root, 'www')
  for (const tool of TOOLS) {
    for (const version of tool.versions) {
      for (const { platform } of IMAGES) await makeArchive(root, dir, tool.name, version, platform)
    }
    await write(join(dir, RAW, `${tool.name}-versions/main/versions-manifest.json`), manifestOf(tool))
  }
  const [reports, toolsets] = [join(root, 'reports'), join(root, 'toolsets')]
  for (const { platform, title, toolset, report } of IMAGES) {
    await write(join(reports, report), reportOf(title))
    await write(join(toolsets, toolset), toolsetOf(platform))
  }
  return {
    dir,
    reports: IMAGES.map(({ report }) => join(reports, report)),
    toolsets: IMAGES.map(({ toolset }) => join(toolsets, toolset)),
    archive: archivePath,
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

async function write(file: string, document: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(document, undefined, 2))
}

/** As those of actions/*-versions: the tool's files at the top, and a setup script beside them. */
async function makeArchive(root: string, dir: string, tool: string, version: string, platform: string) {
  const staging = join(root, 'staging', tool, version, platform)
  const windows = platform === 'win32'
  const program = join(
    staging,
    windows && tool === 'node' ? 'node.exe' : `bin/${tool}${windows ? '.exe' : ''}`,
  )
  await mkdir(dirname(program), { recursive: true })
  await writeFile(program, `#!/bin/sh\necho ${version}\n`)
  await chmod(program, 0o755)
  await writeFile(join(staging, windows ? 'setup.ps1' : 'setup.sh'), 'exit 1\n')
  const archive = join(dir, archivePath(tool, version, platform))
  await mkdir(dirname(archive), { recursive: true })
  execFileSync('bsdtar', ['-a', '-cf', archive, '-C', staging, ...(await readdir(staging))])
}

/** Newest first. */
function manifestOf({ name, versions }: Tool): unknown {
  const file = (version: string, platform: string) => ({
    filename: fileName(name, version, platform),
    arch: 'x64',
    platform,
    download_url: `https://${archivePath(name, version, platform)}`,
  })
  return versions.map((version) => ({
    version,
    stable: true,
    release_url: `https://github.com/actions/${name}-versions/releases/tag/${version}-1`,
    files: IMAGES.map(({ platform }) => file(version, platform)),
  }))
}

function reportOf(title: string): unknown {
  const header = (Title: string, Children: unknown) => ({ NodeType: 'HeaderNode', Title, Children })
  const tools = TOOLS.map(({ listed, versions }) => ({
    NodeType: 'ToolVersionsListNode',
    ToolName: listed,
    Versions: versions.filter((version) => version !== '20.19.3'),
    ListType: 'List',
  }))
  const version = { NodeType: 'ToolVersionNode', ToolName: 'Image Version:', Version: '20250720.1.0' }
  return header(title, [version, header('Installed Software', [header('Cached Tools', tools)])])
}

function toolsetOf(platform: string): unknown {
  const toolcache = TOOLS.map(({ name, specs }) => ({
    name,
    url: `https://${RAW}/${name}-versions/main/versions-manifest.json`,
    platform,
    arch: 'x64',
    versions: specs,
  }))
  return platform === 'win32' ? { toolcache, windowsFeatures: [{ name: 'Containers' }] } : { toolcache }
}
