import type { Plugin } from '@pkgcache/core'
import fetchFile from '@pkgcache/fetch-file'
import fetchHttp from '@pkgcache/fetch-http'
import format7z from '@pkgcache/format-7z'
import formatBinary from '@pkgcache/format-binary'
import formatTar from '@pkgcache/format-tar'
import formatTarBz2 from '@pkgcache/format-tar-bz2'
import formatTarGz from '@pkgcache/format-tar-gz'
import formatTarXz from '@pkgcache/format-tar-xz'
import formatTarZst from '@pkgcache/format-tar-zst'
import formatZip from '@pkgcache/format-zip'
import inventoryAnsible from '@pkgcache/inventory-ansible'
import reportHtml from '@pkgcache/report-html'
import reportJson from '@pkgcache/report-json'
import reportText from '@pkgcache/report-text'
import sourceKubernetes from '@pkgcache/source-kubernetes'
import sourceRunnerImages from '@pkgcache/source-runner-images'
import sourceUrl from '@pkgcache/source-url'
import transportLocal from '@pkgcache/transport-local'
import transportSsh from '@pkgcache/transport-ssh'
import verifyChecksum from '@pkgcache/verify-checksum'
import verifyOpenpgp from '@pkgcache/verify-openpgp'

/**
 * The plugins that every config gets, in their order: `source-url` first, since a package with a URL of its own
 * means that URL; `format-binary` last of the formats, since it takes what no other recognises.
 */
export function defaultPlugins(): Plugin[] {
  return [
    sourceUrl(),
    sourceKubernetes(),
    sourceRunnerImages(),
    fetchHttp(),
    fetchFile(),
    formatTarZst(),
    formatTarGz(),
    formatTarXz(),
    formatTarBz2(),
    formatZip(),
    format7z(),
    formatTar(),
    formatBinary(),
    verifyChecksum(),
    verifyOpenpgp(),
    inventoryAnsible(),
    transportSsh(),
    transportLocal(),
    reportText(),
    reportJson(),
    reportHtml(),
  ]
}
