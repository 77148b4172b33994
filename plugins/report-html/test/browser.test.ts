import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { compareReports, type ReportRequest, summarise } from '@pkgcache/core'
import {
  failingRun,
  goodRun,
  HOSTILE_TEXTS,
  hostileRun,
  largeRun,
  nodesRun,
  renderComparison,
  renderReport,
  sampleResult,
  toolsetRun,
  toolsetRunBefore,
} from '@pkgcache/core/testing'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import reportHtml from '../src/index.ts'
import { contrastFaults } from './contrast.ts'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]
const missing = !existsSync(CHROMIUM)
const SUITE = 'the HTML report in Chromium'
// biome-ignore lint/suspicious/noConsole: a suite that is left out is named
if (missing) console.warn(`left out: ${SUITE}: ${CHROMIUM} is not installed`)

describe.skipIf(missing)(SUITE, () => {
  let browser: Browser
  let content = ''
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.setHeader('content-type', 'text/html; charset=utf-8').end(content)
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...FLAGS, '--disable-component-update', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  })

  /** Opens the report of `request`, and fails at the end on any console message, page error or second request. */
  async function withPage(
    request: ReportRequest,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    await withContent((await renderReport(reportHtml(), request)).content, options, use)
  }

  /** The same for what changed from one report to another. */
  async function withComparison(
    [old, now]: readonly [ReportRequest, ReportRequest],
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    const comparison = compareReports(summarise(old), summarise(now))
    await withContent((await renderComparison(reportHtml(), comparison)).content, options, use)
  }

  async function withContent(
    markup: string,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    content = markup
    requests.length = 0
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    try {
      const page = await context.newPage()
      const faults: string[] = []
      page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => faults.push(String(error)))
      page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`))
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      await use(page)
      expect({ faults, requests }).toEqual({ faults: [], requests: ['/'] })
    } finally {
      await context.close()
    }
  }

  /** What is seen of each, without empty lines. */
  const texts = async (locator: Locator) =>
    (await locator.allInnerTexts()).map((text) => text.trim().replace(/\n+/g, '\n'))

  /** Cells of the row with that heading in a table of coverage. */
  const cellsOf = (page: Page, row: string) =>
    page
      .locator('table.coverage tr', { has: page.getByRole('rowheader', { name: row, exact: true }) })
      .locator('td')
      .allInnerTexts()

  const overflow = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  it('answers first: a sentence, the figures, then each failure with its hint', async () => {
    await withPage(failingRun(), {}, async (page) => {
      expect(await page.locator('h1').textContent()).toBe(
        '✗ 16 of 18 packages are in the cache, 2 failed; 3 deliveries to the 2 nodes are missing; 1 other error occurred.',
      )
      expect(await page.locator('.figure strong').allInnerTexts()).toEqual([
        '16 / 18',
        '24 / 27',
        '4',
        '507 MB',
        '292 MB',
      ])
      expect(await page.locator('.failure h3').allInnerTexts()).toEqual([
        'E_DIGEST kubelet@1.33.1 linux/arm64',
        'E_NOT_FOUND nerdctl@2.1.2 linux/arm64',
        'E_NODE_NOSPC kubelet@1.33.1 linux/amd64 on worker-1',
        'E_REPORT /srv/www/report.html',
      ])
      expect(await page.locator('.failure .hint').nth(1).textContent()).toBe(
        'What to do: check the version; upstream lists its releases',
      )
    })
  })

  it('is complete without its script', async () => {
    await withPage(failingRun(), { javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('#packages table.sortable tbody').count()).toBe(18)
      expect(await page.locator('table.matrix tbody tr').count()).toBe(18)
      expect(await page.locator('.tools').isVisible()).toBe(false)
      const row = page.locator('tbody', { hasText: 'containerd' }).first()
      expect(await row.locator('.more').isVisible()).toBe(false)
      await row.locator('summary').click()
      expect(await row.locator('.more').textContent()).toContain('containerd-2.1.0-amd64.tar.zst')
    })
  })

  it('has no failures to show after a good run', async () => {
    await withPage(goodRun(), {}, async (page) => {
      expect(await page.locator('h1').textContent()).toBe(
        '✓ All 18 packages are in the cache; everything for the 2 nodes is in place.',
      )
      expect(await page.locator('#failures').count()).toBe(0)
      expect(await page.locator('nav a').allInnerTexts()).toEqual(['Packages', 'Nodes', 'Composition'])
    })
  })

  it('shows hostile text as text and runs none of it', async () => {
    await withPage(hostileRun(), {}, async (page) => {
      await page.locator('summary').first().click()
      await page.mouse.move(200, 400)
      const text = await page.locator('body').evaluate((body) => body.textContent)
      for (const [index, hostile] of HOSTILE_TEXTS.entries()) {
        const shown = hostile.replaceAll('\u001b', '\\u001b').replaceAll('\u202e', '\\u202e')
        expect({ index, found: text?.includes(shown) }).toEqual({ index, found: true })
      }
      expect(await page.evaluate('typeof globalThis.hacked')).toBe('undefined')
      expect(await page.locator('script').count()).toBe(1)
      expect(await page.locator('img, [onerror], [onmouseover]').count()).toBe(0)
      const protocols = await page
        .locator('.more a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
      expect(protocols.filter((href) => !href?.startsWith('http'))).toEqual([])
    })
  })

  it('filters by words and by digest', async () => {
    await withPage(failingRun(), {}, async (page) => {
      const visible = page.locator('table.sortable tbody:visible')
      await page.getByLabel('Filter').fill('kubectl arm64')
      expect(await visible.locator('th').allInnerTexts()).toEqual(['kubectl'])
      expect(await page.locator('#packages [role=status]').textContent()).toBe('1 of 18 shown')
      await page.getByLabel('Filter').fill('0497db517ef058cb')
      expect(await visible.locator('th').allInnerTexts()).toEqual(['kubelet'])
    })
  })

  it('sorts by size, down at the second click, and says so', async () => {
    await withPage(failingRun(), {}, async (page) => {
      const heading = page.getByRole('columnheader', { name: 'Download' }).first()
      await heading.getByRole('button').click()
      await heading.getByRole('button').click()
      expect(await heading.getAttribute('aria-sort')).toBe('descending')
      const sizes = await page.locator('table.sortable td:nth-child(7)').allInnerTexts()
      expect([sizes[0], sizes[1], sizes.at(-1)]).toEqual(['81.3 MB', '74.0 MB', '–'])
    })
  })

  it.each([
    ['failures', failingRun()],
    ['nodes', nodesRun()],
    ['a toolset', toolsetRun()],
    ['hostile texts', hostileRun()],
    ['nothing', { result: sampleResult(), records: [] }],
  ])('does not overflow a phone: %s', async (_name, request) => {
    await withPage(request, { viewport: { width: 375, height: 700 } }, async (page) => {
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await overflow(page)).toBe(0)
    })
  })

  it.each(['light', 'dark'] as const)('has text contrast of AA in the %s scheme', async (colorScheme) => {
    for (const request of [failingRun(), goodRun(), nodesRun(), toolsetRun()]) {
      await withPage(request, { colorScheme }, async (page) => {
        for (const summary of await page.locator('summary').all()) await summary.click()
        expect(await page.evaluate(contrastFaults)).toEqual([])
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
        expect(background).toBe(colorScheme === 'light' ? 'rgb(244, 246, 248)' : 'rgb(15, 19, 25)')
      })
    }
  })

  it('has a name for every landmark, table and header cell', async () => {
    await withPage(failingRun(), {}, async (page) => {
      for (const role of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
        expect({ role, count: await page.getByRole(role).count() }).toEqual({ role, count: 1 })
      }
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      expect(await page.locator('table:not(:has(caption))').count()).toBe(0)
      expect(await page.locator('th:not([scope])').count()).toBe(0)
      expect(await page.locator('h1').count()).toBe(1)
    })
  })

  it('tells fallbacks, skipped deliveries and other senders apart from failures', async () => {
    await withPage(nodesRun(), {}, async (page) => {
      expect(await page.locator('#fallbacks .failure h3').allInnerTexts()).toEqual([
        'E_NODE_NOSPC kubelet@1.33.1 linux/amd64 on worker-3',
        'E_NOT_FOUND nerdctl@2.1.2 linux/amd64 on 2 nodes',
      ])
      expect(await page.locator('#failures .failure h3').allInnerTexts()).toEqual([
        'E_NOT_FOUND nerdctl@2.1.2 linux/amd64',
        'E_NODE_NOSPC 2 packages on worker-3',
      ])
      expect(await page.locator('#fallbacks .failure').nth(1).locator('p').first().innerText()).toBe(
        'worker-1, worker-2',
      )
      const cells = async (row: number) => {
        const texts = await page.locator('.matrix tbody tr').nth(row).locator('td').allInnerTexts()
        return texts.map((text) => text.replaceAll('\n', ' '))
      }
      expect(await cells(0)).toEqual([
        'present',
        'sent applied',
        'sent by worker-1',
        'failed E_NODE_NOSPC',
        'skipped',
      ])
      expect(await cells(1)).toEqual([
        'other nodes',
        'sent applied',
        'sent by worker-1',
        'fallback E_NODE_NOSPC',
        'skipped',
      ])
      expect(await page.getByRole('region', { name: 'Files removed from nodes' }).locator('tr').count()).toBe(
        3,
      )
    })
  })

  it('has nodes down and packages across where there are more nodes than packages', async () => {
    const { result, records } = nodesRun()
    const [worker] = result.nodes.slice(1)
    if (worker === undefined) throw new Error('there is no worker')
    const nodes = Array.from({ length: 300 }, (_, index) => ({ ...worker, name: `node-${index}` }))
    await withPage({ result: { ...result, nodes, deliveries: [] }, records }, {}, async (page) => {
      expect(await page.locator('.matrix thead th').allInnerTexts()).toEqual([
        'Node',
        'containerd 2.1.0 linux/amd64',
        'kubelet 1.33.1 linux/amd64',
        'nerdctl 2.1.2 linux/amd64',
        'runc 1.3.0 linux/amd64',
      ])
      expect(await page.locator('.matrix tbody tr').count()).toBe(300)
      expect(await overflow(page)).toBe(0)
    })
  })

  it('filters 2,000 packages', async () => {
    await withPage(largeRun(2000), {}, async (page) => {
      await page.getByLabel('Filter').fill('package-1999')
      expect(await page.locator('#packages [role=status]').textContent()).toBe('1 of 2000 shown')
    })
  })

  it('shows the coverage of a toolset: its figure, its sections, what is missing and why', async () => {
    await withPage(toolsetRun(), {}, async (page) => {
      const figure = page.locator('.figure', { hasText: 'Toolset coverage' })
      expect(await figure.innerText()).toBe(
        'Toolset coverage\n66.6 %\n8 of 12 rows cached, 4 missing, 231 not downloadable',
      )
      const cells = (row: string) => cellsOf(page, row)
      expect(await cells('toolcache')).toEqual(['', '83.3 %', '6', '6', '6', '5', '1', '0', '205 MB'])
      expect(await cells('visualStudio')).toEqual(['', '–', '228', '228', '0', '0', '0', '228', '0 B'])
      expect(await cells('All')).toEqual(['', '66.6 %', '243', '242', '9', '8', '4', '231', '612 MB'])
      expect(await texts(page.locator('#toolset .failure'))).toEqual([
        'dotnet: 2 rows\n.NET SDK 8.0 win32/x64, .NET SDK 9.0 win32/x64\nhttps://builds.example/releases-index.json: 503 Service Unavailable',
        'mysql: MySQL 5.6 win32/x64\nthe report holds no MySQL 5.6',
        'E_NOT_FOUND toolcache: Python 3.13.* win32/x64\nhttps://dl.example/Python/3.13.5: 404 Not Found',
      ])
      expect(await page.locator('table.reasons tbody tr').allInnerTexts()).toEqual([
        'the Visual Studio installer alone brings it\tvisualStudio\t228',
        'a package of Chocolatey\tchoco\t3',
      ])
    })
  })

  it('folds the rows of a toolset away, and filters and sorts them', async () => {
    await withPage(toolsetRun(), {}, async (page) => {
      const rows = page.locator('#toolset table.rows tbody:visible')
      expect(await rows.count()).toBe(0)
      await page.getByText('All 243 rows').click()
      expect(await rows.count()).toBe(243)
      await page.getByLabel('Filter rows').fill('python missing')
      expect(await page.locator('#toolset [role=status]').textContent()).toBe('1 of 243 shown')
      expect((await rows.first().innerText()).replaceAll('\n', ' ')).toContain(
        'Python\t3.13.*\t3.13.5\twin32/x64',
      )
      await page.getByLabel('Filter rows').fill('toolcache')
      const heading = page.getByRole('columnheader', { name: 'Version' }).first()
      await heading.getByRole('button').click()
      expect(await rows.locator('td:nth-child(4)').allInnerTexts()).toEqual([
        '1.24.5',
        '3.9.13',
        '3.12.10',
        '3.13.5',
        '20.19.4',
        '22.17.1',
      ])
      // the table of packages has a filter and an order of its own
      expect(await page.locator('#packages table.sortable tbody:visible').count()).toBe(8)
    })
  })

  it('has the rows of a toolset without its script, too', async () => {
    await withPage(toolsetRun(), { javaScriptEnabled: false }, async (page) => {
      await page.getByText('All 243 rows').click()
      expect(await page.locator('#toolset table.rows tbody:visible').count()).toBe(243)
      expect(await page.locator('.tools').filter({ visible: true }).count()).toBe(0)
    })
  })

  it('says of a covered toolset that nothing is missing', async () => {
    const { result, records } = toolsetRunBefore()
    const requirements = result.requirements.filter(({ key }) => key !== undefined)
    await withPage({ result: { ...result, requirements }, records }, {}, async (page) => {
      expect(await page.locator('h1').textContent()).toBe(
        '✓ All 7 packages are in the cache; all 8 toolset rows are covered.',
      )
      expect(await page.locator('#toolset h3').count()).toBe(0)
      expect(
        await page.locator('.figure.ok', { hasText: 'Toolset coverage' }).locator('strong').innerText(),
      ).toBe('100 %')
    })
  })

  describe('of a comparison', () => {
    const CHANGED = [toolsetRunBefore(), toolsetRun()] as const

    it('answers first: what changed, then what is newly missing, by section, by package', async () => {
      await withComparison(CHANGED, {}, async (page) => {
        expect(await page.locator('h1').textContent()).toBe(
          '✗ Packages: 1 added, 2 changed; 2 newly missing, 1 newly cached.',
        )
        expect(await page.locator('.figure').allInnerTexts()).toEqual([
          'Coverage\n66.6 %\n−13.4 points: was 80 %',
          'Cached\n8 / 12\ntoolset rows; was 8 / 10',
          'Packages changed\n3\n1 added, 0 removed, 2 changed; 5 the same',
          'Stored\n612 MB\n+183 MB: was 429 MB; 7 packages',
        ])
        expect(await texts(page.locator('#newly-missing .failure'))).toEqual([
          'mysql: MySQL 5.6 win32/x64\nthe report holds no MySQL 5.6\nit was not asked for before',
          'E_NOT_FOUND toolcache: Python 3.13.* win32/x64\nhttps://dl.example/Python/3.13.5: 404 Not Found\nit was cached before',
        ])
        expect(await page.locator('#newly-cached tbody tr').allInnerTexts()).toEqual([
          'java\tTemurin 21 win32/x64\t21.0.7+6\tnot asked for',
        ])
        expect(await cellsOf(page, 'toolcache')).toEqual([
          '',
          '100 % → 83.3 %',
          '6',
          '6 → 5',
          '0 → 1',
          '0',
          '0',
          '2',
        ])
        const first = page.locator('#changes tbody')
        expect(await first.locator('th').allInnerTexts()).toEqual(['go', 'Python', 'Temurin'])
        expect(await first.nth(0).locator('td').allInnerTexts()).toEqual([
          'changed',
          '1.24.4 → 1.24.5',
          'win32/x64',
          'toolcache',
          'cached',
          '82.3 MB → 82.4 MB',
        ])
      })
    })

    it('filters the packages', async () => {
      await withComparison(CHANGED, {}, async (page) => {
        await page.getByLabel('Filter').fill('added')
        expect(await page.locator('#changes [role=status]').textContent()).toBe('1 of 3 shown')
      })
    })

    it('has nothing to show where nothing changed', async () => {
      await withComparison([goodRun(), goodRun()], {}, async (page) => {
        expect(await page.locator('h1').textContent()).toBe('✓ No package changed.')
        expect(await page.locator('section').count()).toBe(0)
      })
    })

    it.each([
      ['of toolsets', CHANGED],
      ['of hostile texts', [goodRun(), hostileRun()] as const],
    ])('fits a phone, runs nothing and has names for all: %s', async (_name, pair) => {
      await withComparison(pair, { viewport: { width: 375, height: 700 } }, async (page) => {
        expect(await overflow(page)).toBe(0)
        expect(await page.evaluate('typeof globalThis.hacked')).toBe('undefined')
        expect(await page.locator('img, [onerror], [onmouseover]').count()).toBe(0)
        expect(await page.locator('table:not(:has(caption)), th:not([scope])').count()).toBe(0)
        expect(await page.locator('h1').count()).toBe(1)
      })
    })

    it.each(['light', 'dark'] as const)('has text contrast of AA in the %s scheme', async (colorScheme) => {
      await withComparison(CHANGED, { colorScheme }, async (page) => {
        expect(await page.evaluate(contrastFaults)).toEqual([])
      })
    })
  })

  it('prints without its controls', async () => {
    await withPage(failingRun(), {}, async (page) => {
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('nav, .tools').filter({ visible: true }).count()).toBe(0)
      expect(await page.locator('.failure').filter({ visible: true }).count()).toBe(4)
    })
  })
})
