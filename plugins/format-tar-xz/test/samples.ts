/** \`smallTar()\` through \`xz -6\`. */
export const SMALL = Buffer.from(
  [
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4DP/AOJdADEaShsFkZA3OlG9V3Gz1uIDp1bnasSJHGLKvhba42jn70zfBAFuQMwM',
    'f4rd0yHHAWkVSc5HaSp1J0T4+U/UU+/X7sWAmEr0Q8XRgb1MCYXSvjf/rRgDhw2zS2MsjkVwYeXDxze2ZZCU2XgFKUaEHkfu',
    's2Fq4y403RP+DjLR9gt/viF//13ZHEWgVD2VqWVDqZjod1mK7hpSpsQoFLnWiz8PjfH+8IJR+rpLTtY8phcjuU2iqY9P3t+m',
    'NsbQsCUYUBaTprnWDwo+3eb2zEsUEZImcMsomgarJqLJShAsyr+D8lwAAADGO/M7ZruBmAAB/gGAaAAAp6kwerHEZ/sCAAAA',
    'AARZWg==',
  ].join(''),
  'base64',
)

/** 1 MiB of zeros through \`xz -6\`. */
export const ZEROS = Buffer.from(
  [
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj7///ANldAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopN',
    'L6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3llestk3haR1v+0uIEGxCy4g/XACP',
    '0E6vJiiUcR89jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6x',
    'JxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1Iq9+SVJQAAAAAAwva6PqJwa2AAAfUBgIBAAHmXf0exxGf7AgAAAAAEWVo=',
  ].join(''),
  'base64',
)
