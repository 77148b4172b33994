import { describe, expect, it } from 'vitest'
import { PkgcacheError } from '../../src/errors/error.ts'
import { maskingErrors, Redactor, withoutSecrets } from '../../src/run/redact.ts'
import { secretsOfRequest } from '../../src/run/secrets.ts'

describe('a redactor', () => {
  it.each([
    ['nothing to hide', 'nothing to hide'],
    ['the hunter2-token is out', 'the *** is out'],
    ['twice hunter2-token hunter2-token', 'twice *** ***'],
    ['the longer one: hunter2-token-longer', 'the longer one: ***'],
    ['https://user:pass@host/path', 'https://***@host/path'],
    ['https://user@host/path', 'https://***@host/path'],
    ['https://user:p@ss@host/path', 'https://***@host/path'],
    ['socks5h://u:p@proxy:1080, http://u:p@other/', 'socks5h://***@proxy:1080, http://***@other/'],
    ['https://host/path@2.0', 'https://host/path@2.0'],
    ['https://host/?mail=a@b', 'https://host/?mail=a@b'],
    ['https://host?mail=a@b', 'https://host?mail=a@b'],
    ['git@github.com:x/y', 'git@github.com:x/y'],
    ['short ones like abc stay', 'short ones like abc stay'],
  ])('%s', (text, masked) => {
    const redactor = new Redactor()
    for (const secret of ['hunter2-token', 'hunter2-token-longer', 'abc']) redactor.add(secret)
    expect(redactor.mask(text)).toBe(masked)
  })

  it('finds secrets in options by what they are called', () => {
    const redactor = new Redactor()
    redactor.addFrom({
      token: 'secret-1',
      apiKey: 'secret-2',
      'api-key': 'secret-3',
      user: { password: 'secret-4', name: 'public-1' },
      headers: { Authorization: 'secret-5', accept: 'public-2' },
      credentials: [{ value: 'secret-6' }, 'secret-7'],
      url: 'public-3',
      count: 5,
      none: null,
    })
    const text = [
      'secret-1',
      'secret-2',
      'secret-3',
      'secret-4',
      'secret-5',
      'secret-6',
      'secret-7',
      'public-1',
      'public-2',
      'public-3',
    ]
    expect(text.map((word) => redactor.mask(word))).toEqual([
      ...Array(7).fill('***'),
      'public-1',
      'public-2',
      'public-3',
    ])
  })

  it('takes options that hold themselves', () => {
    const options: Record<string, unknown> = { token: 'secret-1' }
    options.self = options
    options.list = [options]
    const redactor = new Redactor()
    redactor.addFrom(options)
    expect(redactor.mask('secret-1')).toBe('***')
  })
})

const SECRET = 's3cr/et +&"<Ä>\\'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a secret is masked', () => {
  const redactor = new Redactor()
  redactor.add(SECRET)
  const url = new URL('https://host/')
  url.password = SECRET
  const query = new URLSearchParams({ x: SECRET })
  it.each([
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['in small hexadecimal', encodeURIComponent(SECRET).toLowerCase()],
    ['as a URL has it', url.password],
    ['as a form has it', `${query}`.slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON for HTML', JSON.stringify(SECRET).slice(1, -1).replace('&', '\\u0026').replace('<', '\\u003c')],
    ['in JSON with slashes escaped', JSON.stringify(SECRET).slice(1, -1).replace('/', '\\/')],
    [
      'in HTML',
      SECRET.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;'),
    ],
  ])('%s', (_, text) => expect(redactor.mask(`before ${text} after`)).toBe('before *** after'))

  it.each(['', 'u', 'me', 'me:', 'user:', 'someone:'])('within base64 after %j', (before) => {
    for (const encoded of [base64(`${before}${SECRET}`), base64(`${before}${SECRET}, and more`)]) {
      const masked = redactor.mask(`Basic ${encoded}; rest`)
      // characters that hold bits of what stands before are kept: they tell nothing of the secret
      const kept = encoded.slice(0, Math.ceil((Buffer.byteLength(before) * 8) / 6))
      expect(masked).toBe(`Basic ${kept}***; rest`)
    }
  })

  it('within base64 for URLs', () => {
    const secret = '\u00ff\u00fe>>??secret'
    const own = new Redactor()
    own.add(secret)
    expect(own.mask(Buffer.from(secret).toString('base64url'))).toBe('***')
  })
})

describe('what URLs show by their form is masked, told or not', () => {
  it.each([
    'access_token',
    'accessToken',
    'token',
    'private-token',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'X-Amz-Security-Token',
    'X-Goog-Signature',
    'AWSAccessKeyId',
    'Signature',
    'sig',
    'key',
    'api_key',
    'apikey',
    'client_secret',
    'password',
    'auth',
    'jwt',
    'hmac',
  ])('%s', (name) => {
    const redactor = new Redactor()
    expect(redactor.mask(`see https://host/x?a=1&${name}=abc%2Fdef-1&b=2, and`)).toBe(
      `see https://host/x?a=1&${name}=***&b=2, and`,
    )
    expect(redactor.mask(`/x?${name}=abc`)).toBe(`/x?${name}=***`)
  })

  it.each([
    ['{"url":"https://host/?token=abc","x":1}', '{"url":"https://host/?token=***","x":1}'],
    ['{"url":"https://host/?a=1\\u0026token=abc"}', '{"url":"https://host/?a=1\\u0026token=***"}'],
    ['<a href="/?a=1&amp;sig=abc">x</a>', '<a href="/?a=1&amp;sig=***">x</a>'],
    ['/go?to=https%3A%2F%2Fhost%2F%3Ftoken%3Dabc', '/go?to=https%3A%2F%2Fhost%2F%3Ftoken%3D***'],
    ['/#access_token=abc&x=1', '/#access_token=***&x=1'],
    ['{"u":"https:\\/\\/me:pw@host\\/"}', '{"u":"https:\\/\\/***@host\\/"}'],
    ['<a href="https://host">me@x</a>', '<a href="https://host">me@x</a>'],
    [
      'https://host/?author=me&keyword=x&monkey=y&tokens',
      'https://host/?author=me&keyword=x&monkey=y&tokens',
    ],
    ['token=abc without a URL', 'token=abc without a URL'],
  ])('%s', (text, masked) => expect(new Redactor().mask(text)).toBe(masked))
})

describe('the environment', () => {
  it.each([
    ['GITHUB_TOKEN', 'abcdef1'],
    ['GITHUBTOKEN', 'abcdef1'],
    ['github_token', 'abcdef1'],
    ['DB_PASSWORD', 'abcdef1'],
    ['PGPASSWORD', 'abcdef1'],
    ['MYSQL_PWD', 'abcdef1'],
    ['SIGN_PASSPHRASE', 'abcdef1'],
    ['NPM_PASS', 'abcdef1'],
    ['ACME_API_KEY', 'abcdef1'],
    ['ACME_APIKEY', 'abcdef1'],
    ['AWS_SECRET_ACCESS_KEY', '/K7MDENG/bPxRfiCY'],
    ['REGISTRY_AUTH', 'abcdef1'],
    ['CREDENTIALS', 'abcdef1'],
    ['CI_JOB_JWT', 'abcdef1'],
    ['GH_PAT', 'abcdef1'],
    ['X_AUTH_HEADER_VALUE', 'abcdef1'],
  ])('%s is secret', (name, value) => {
    const redactor = new Redactor()
    redactor.addEnvironment({ [name]: value })
    expect(redactor.mask(`is ${value}.`)).toBe('is ***.')
  })

  it.each([
    ['SSH_AUTH_SOCK', '/tmp/ssh-x/agent.1'],
    ['GIT_AUTHOR_NAME', 'Ada Lovelace'],
    ['XAUTHORITY', '/root/.Xauthority'],
    ['TOKEN_FILE', 'token.txt'],
    ['GOOGLE_APPLICATION_CREDENTIALS', '/etc/keys/gcp.json'],
    ['SECRETS', '~/secrets/a'],
    ['SECRET_DIR', 'secrets'],
    ['TOKEN_URL', 'https://login.example/token'],
    ['AUTH_USER', 'deployer'],
    ['AUTH_METHOD', 'password-file'],
    ['GIT_CREDENTIAL_HELPER', 'osxkeychain'],
    ['TOKENIZERS_PARALLELISM', 'parallel'],
    ['USE_TOKEN', 'true'],
    ['NO_PASSWORD', 'disabled'],
    ['TOKEN_TTL', '360000'],
    ['MAX_TOKEN', '1000000'],
    ['PASSWORD', 'password'],
    ['AUTH', 'required'],
    ['PWD', '/work/project'],
    ['OLDPWD', 'project'],
    ['PATH', 'some/path'],
    ['COMPASS', 'northern'],
    ['KEYBOARD', 'german-layout'],
    ['A_TOKEN', 'short'],
    ['HOME', 'abcdef1'],
  ])('%s=%s is none', (name, value) => {
    const redactor = new Redactor()
    redactor.addEnvironment({ [name]: value })
    expect(redactor.mask(`is ${value}.`)).toBe(`is ${value}.`)
  })

  it('has proxies with credentials, with a scheme and without', () => {
    const redactor = new Redactor()
    redactor.addEnvironment({
      HTTPS_PROXY: 'http://me:p%40ss-1234@proxy:3128',
      http_proxy: 'you:word-1234@proxy:3128',
      DATABASE_URL: 'postgres://db:data-1234@host/db',
    })
    expect(redactor.mask(`p@ss-1234 p%40ss-1234 word-1234 data-1234 ${base64('me:p@ss-1234')}`)).toBe(
      '*** *** *** *** ***',
    )
    expect(redactor.mask('me you db proxy:3128')).toBe('me you db proxy:3128')
  })

  it('may hold a document, or a key of many lines', () => {
    const redactor = new Redactor()
    const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----'
    redactor.addEnvironment({
      DOCKER_AUTH_CONFIG: '{"auths":{"registry.example":{"auth":"bWU6c2VjcmV0","username":"somebody"}}}',
      SIGNING_KEY: key,
    })
    expect(redactor.mask('bWU6c2VjcmV0 registry.example somebody')).toBe('*** registry.example somebody')
    expect(redactor.mask('| MIGHAgEAMBMGByqGSM49AgEG\n| -----END PRIVATE KEY-----')).toBe(
      '| ***\n| -----END PRIVATE KEY-----',
    )
    expect(redactor.mask(JSON.stringify({ key }))).toBe('{"key":"***"}')
  })
})

describe('a config', () => {
  it('is searched for what its names and its URLs give away', () => {
    const redactor = new Redactor()
    redactor.addConfig({
      packages: [
        'plain@1',
        {
          name: 'a',
          version: '1',
          url: 'https://me:user-secret@host/{name}?token=query-secret%21',
          checksumUrl: 'https://token-as-user@host/sums?X-Amz-Signature=signature-1',
          headers: {
            Authorization: 'Bearer bearer-secret',
            'X-Trace': 'trace-id',
            cookie: 'sid=cookie-secret; a=b',
          },
          auth: { username: 'deployer', password: 'auth-secret' },
          identityFile: '~/.ssh/id_ed25519',
        },
      ],
      mirrors: { 'https://key:mirror-key@host/': ['https://x:mirror-secret@mirror/'] },
      plugins: [
        {
          name: 'p',
          schema: { properties: { token: { type: 'string', description: 'a description' } } },
          options: { token: 'option-secret' },
        },
      ],
    })
    const secrets = [
      ...['user-secret', 'query-secret%21', 'query-secret!', 'token-as-user', 'signature-1', 'bearer-secret'],
      ...[
        'cookie-secret',
        'auth-secret',
        'mirror-key',
        'mirror-secret',
        'option-secret',
        base64('me:user-secret'),
      ],
    ]
    expect(secrets.map((secret) => redactor.mask(secret))).toEqual(secrets.map(() => '***'))
    const open = ['trace-id', 'deployer', '~/.ssh/id_ed25519', 'a description', 'string', 'plain@1', 'mirror']
    expect(open.map((text) => redactor.mask(text))).toEqual(open)
  })

  it.each([[undefined], [null], ['text'], [{ plugins: 'x' }], [{ plugins: [null, 5] }]])(
    'may be anything: %j',
    (config) => {
      const redactor = new Redactor()
      redactor.addConfig(config)
      expect(redactor.mask('text')).toBe('text')
    },
  )
})

it('a request gives its credentials away: those of URL and headers', () => {
  const headers = {
    authorization: `Basic ${base64('me:basic-pass')}`,
    'X-Api-Key': 'key-123',
    accept: 'text/plain',
  }
  expect(secretsOfRequest('https://u:url-pass@host/?token=masked-by-name', headers)).toEqual([
    ...['url-pass', 'url-pass', base64('u:url-pass')],
    ...[headers.authorization, base64('me:basic-pass'), 'basic-pass', 'key-123'],
  ])
})

describe('an error', () => {
  const redactor = new Redactor()
  redactor.add('hunter2-token')
  const deepest = Object.assign(new Error('hunter2-token refused'), {
    code: 'ECONNRESET',
    request: 'hunter2-token',
  })
  const middle = new TypeError('fetch hunter2-token', { cause: deepest })
  const error = new PkgcacheError('E_HTTP', 'no hunter2-token', {
    hint: 'give hunter2-token',
    item: 'x hunter2-token',
    faults: ['f hunter2-token'],
    cause: new PkgcacheError('E_STALLED', 'inner hunter2-token', { cause: middle }),
  })

  function texts(thrown: unknown): string {
    const parts: unknown[] = []
    for (let at = thrown; at instanceof Error; at = at.cause) {
      parts.push(at.name, at.message, at.stack, JSON.stringify(Object.entries(at)))
    }
    return parts.join('\n')
  }

  it('is masked with its whole chain of causes', () => {
    const masked = redactor.maskError(error) as PkgcacheError
    expect(texts(error)).toContain('hunter2-token')
    expect(texts(masked)).not.toContain('hunter2-token')
    expect(masked).toMatchObject({
      message: 'no ***',
      hint: 'give ***',
      item: 'x ***',
      faults: ['f ***'],
      cause: {
        code: 'E_STALLED',
        message: 'inner ***',
        cause: {
          name: 'TypeError',
          message: 'fetch ***',
          cause: { message: '*** refused', code: 'ECONNRESET' },
        },
      },
    })
  })

  it('may have a cause that is no error, or a circle', () => {
    const circle = new Error('hunter2-token')
    circle.cause = circle
    const masked = redactor.maskError(circle)
    expect(texts(masked)).not.toContain('hunter2-token')
    const of = (cause: unknown) =>
      (redactor.maskError(new PkgcacheError('E_HTTP', 'x', { cause })) as Error).cause
    expect([of('a hunter2-token'), of({ token: 'hunter2-token' }), of(5)]).toEqual([
      'a ***',
      undefined,
      undefined,
    ])
  })

  it('is masked whichever way a method fails', async () => {
    class Target {
      readonly #text = 'hunter2-token'
      readonly name = 'plain'
      get size(): number {
        return this.#text.length
      }
      now(): never {
        throw new Error(this.#text)
      }
      async later(): Promise<never> {
        throw new Error(this.#text)
      }
      async well(what: string): Promise<string> {
        return what + this.#text.length
      }
    }
    const target = maskingErrors(new Target(), redactor)
    expect(() => target.now()).toThrow(/^\*\*\*$/)
    await expect(target.later()).rejects.toThrow(/^\*\*\*$/)
    expect([await target.well('a'), target.size, target.name]).toEqual(['a13', 13, 'plain'])
  })

  it('is masked by the environment alone where nothing else is known', () => {
    const shown = withoutSecrets(error, { MY_TOKEN: 'hunter2-token' })
    expect(texts(shown)).not.toContain('hunter2-token')
    expect(shown.code).toBe('E_HTTP')
  })
})

it('takes time in proportion to the text', () => {
  const redactor = new Redactor()
  for (let n = 0; n < 50; n++) redactor.add(`secret-number/${n}+${n * 7919}`)
  const parts = [
    'a',
    '?token',
    'token',
    '?a_',
    '://',
    '://a@',
    '&key=',
    'secret-number/',
    'c2VjcmV0LW51bWJlci',
    '%3D',
    '@',
  ]
  for (const part of parts) {
    const text = `${part.repeat(50_000)}@=`
    expect(redactor.mask(text).length).toBeGreaterThan(0)
  }
})
