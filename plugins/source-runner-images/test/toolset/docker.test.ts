import { describe } from 'vitest'
import { itReads } from './cases.ts'

const REGISTRY = 'package-manager a container registry brings it, not a URL of its own'

describe('Docker', () => {
  itReads([
    {
      says: 'components as an object',
      section: 'docker',
      image: 'windows',
      value: { images: [], components: { docker: '27.5.1', compose: '2.32.2' } },
      rows: [
        'docker.components docker 27.5.1 win32/x64 | tool Docker fits | template Docker Docker 27.5.1',
        'docker.components compose (docker-compose) 2.32.2 win32/x64 | tool Docker Compose v2, Docker Compose fits | template docker-compose docker-compose 2.32.2',
      ],
    },
    {
      says: 'packages and plugins, whose asset tells the arch',
      section: 'docker',
      image: 'ubuntu',
      value: {
        components: [
          { package: 'containerd.io', version: 'latest' },
          { package: 'docker-ce', version: '28.0.4' },
          { package: 'docker-ce-cli' },
        ],
        plugins: [
          { plugin: 'buildx', version: 'latest', asset: 'linux-amd64' },
          { plugin: 'compose', version: '5.1.3', asset: 'linux-aarch64' },
        ],
      },
      rows: [
        'docker.components containerd.io latest linux/x64 | unlisted | package-manager apt brings it, not a URL of its own',
        'docker.components docker-ce 28.0.4 linux/x64 | tool Docker Server, Docker-Moby Server fits | package-manager apt brings it, not a URL of its own',
        'docker.plugins buildx (docker-buildx) latest linux/x64 | tool Docker-Buildx fits | template docker-buildx docker-buildx latest',
        'docker.plugins compose (docker-compose) 5.1.3 linux/arm64 | tool Docker Compose v2, Docker Compose fits | template docker-compose docker-compose 5.1.3',
      ],
      faults: ['$.docker.components[2]: has no version'],
    },
    {
      says: 'images by repository and tag',
      section: 'docker',
      image: 'ubuntu',
      value: { images: ['alpine:3.19', 'jekyll/builder', 'localhost:5000/x/y', 'mcr.microsoft.com/a/b:1'] },
      rows: [
        `docker.images alpine:3.19 3.19 linux/x64 | docker-image alpine exact 3.19 | ${REGISTRY}`,
        `docker.images jekyll/builder latest linux/x64 | docker-image jekyll/builder exact latest | ${REGISTRY}`,
        `docker.images localhost:5000/x/y latest linux/x64 | docker-image localhost:5000/x/y exact latest | ${REGISTRY}`,
        `docker.images mcr.microsoft.com/a/b:1 1 linux/x64 | docker-image mcr.microsoft.com/a/b exact 1 | ${REGISTRY}`,
      ],
    },
    {
      says: 'parts and assets that are not known',
      section: 'docker',
      image: 'ubuntu',
      value: {
        components: { podman: '5.0' },
        plugins: [{ plugin: 'buildx', version: '0.28.0', asset: 'linux-riscv64' }],
      },
      rows: [
        'docker.components podman 5.0 linux/x64 | tool podman fits | unknown: nobody here knows where podman is to be had',
        'docker.plugins buildx (docker-buildx) 0.28.0 linux/x64 | tool Docker-Buildx fits | template docker-buildx docker-buildx 0.28.0',
      ],
      faults: [
        '$.docker.components.podman: is a version of "podman", which is not known',
        '$.docker.plugins[0].asset: ends in no arch that is known',
      ],
    },
  ])
})
