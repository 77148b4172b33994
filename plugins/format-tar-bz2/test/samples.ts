/** \`smallTar()\` through \`bzip2 -9\`. */
export const SMALL = Buffer.from(
  [
    'QlpoOTFBWSZTWdTssikAB8hfhNmQaAL/gCYCGFx+794gQAAJiDAA4ARSTTST1NMgHpNNBobIgNNNqGGhpoAaAA0AAMhoMNDT',
    'QA0ABoAAZDRfhdvzVZzrjLAYkoZcgKdsuvsPtM5yXRGioCidVUTjIlopCu3NCgAsbppoBAF2fUukEAX+s+9UOpyiNqZ5AJsv',
    'vwwsBLrHJB6zS6femvVmrrshJppJWExpaTaJRKkpCWwlpIp6V1FY0lQpGv2vww7qCR+AgC/qY4T47/UEAXeCAL6Y6wQBePDg',
    'FAQBb69qfvL/IIC/E06U1ggC8edOrFOdJbKErsd0NukH/F3JFOFCQ1OyyKQ=',
  ].join(''),
  'base64',
)

/** 10 MiB of zeros through \`bzip2 -9\`. */
export const ZEROS = Buffer.from(
  ['QlpoOTFBWSZTWTNUU3kAUFBAIMAAAAQACCAAMMwFKaYEgTYgkCeLuSKcKEgZqim8gA=='].join(''),
  'base64',
)
