/** Where files of tools are: version manifests, indexes of projects, templates of vendors. For any plugin. */

export { type Document, type Documents, openDocuments } from '../documents.ts'
export { adoptium } from './adoptium.ts'
export { codeql } from './codeql.ts'
export { dotnet } from './dotnet.ts'
export { nodejs, nodejsArchive } from './nodejs.ts'
export { powershellGallery } from './powershell-gallery.ts'
export { pypy } from './pypy.ts'
export type * from './resolver.ts'
export { rubyBuilder, rubyInstaller } from './ruby.ts'
export { TEMPLATES, template } from './template.ts'
export { before, between, type Convention, type Machine, since, type Template } from './templates/row.ts'
export { versionsManifest } from './versions-manifest.ts'
