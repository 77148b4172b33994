/** To be replaced by the merge. */
export function webPageText(head: Uint8Array, _contentType: string | undefined): string | undefined {
  const text = Buffer.from(head.subarray(0, 1024)).toString('utf8').trimStart()
  return /^<(!doctype html|html)/i.test(text) ? text.replace(/<[^>]*>/g, ' ').trim() : undefined
}
