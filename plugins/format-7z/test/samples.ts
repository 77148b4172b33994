/** Forty calls of one address, as x86 has them. */
export const CALLS = Buffer.concat(
  Array.from({ length: 40 }, (_, index) => {
    const call = Buffer.from('e8000000009055', 'hex')
    call.writeInt32LE(0x1000 - 5 * index, 1)
    return call
  }),
)

/** `CALLS` as `prog`, through `7za a -m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA`, which takes several threads. */
export const BCJ2 = Buffer.from(
  [
    'N3q8ryccAARlzlHwZQAAAAAAAACCAAAAAAAAADGlBBMAc//98AxiSfbpP+qBu9MHTEdB8plEim7PxOPnA4v94Nl98OWaQfxvK/3k',
    'vuto1iqKH3K/RppmAngTbYKwZ3KPEiXStn++vT3q68VGRl3X6rxNQsQAAAAAAAAAAAAAAAAAAAAAAAEEBgAECVQHBQUABwsBAAQj',
    'AwEBBV0AEAAAIwMBAQVdABAAACMDAQEFXQAQAAAUAwMBGwQBBQAEAQMCAgYBAAwAAIEYgRgACAoBeOE6fAAABQEZCQAAAAAAAAAA',
    'ABELAHAAcgBvAGcAAAAZABQKAQCAKN+If3zdARUGAQAggKSBAAA=',
  ].join(''),
  'base64',
)
