/** Where files of tools are: version manifests, indexes of projects, templates of vendors. For any plugin. */

export { type Document, type Documents, openDocuments } from '../documents.ts'
export type * from './resolver.ts'
