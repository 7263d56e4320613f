// What may be loaded: the documents that were handed over, and did:key identifiers, which say all by themselves.

const DID_CONTEXT = 'https://www.w3.org/ns/did/v1';
const MULTIKEY_CONTEXT = 'https://w3id.org/security/multikey/v1';

/** Makes a document loader that never goes to a network; `documents` maps addresses to documents. */
export function offlineLoader(documents) {
  return async url => {
    const document = documents[url] ?? keyDocument(url);
    if (document === undefined) {
      throw new Error(`asked for ${url}, which is not bundled`);
    }
    return {contextUrl: null, documentUrl: url, document: structuredClone(document)};
  };
}

/** The document of a did:key, or of its one key where the address has a fragment. */
function keyDocument(url) {
  if (!url.startsWith('did:key:')) {
    return undefined;
  }
  const [controller, fragment] = url.split('#');
  const multibase = controller.slice('did:key:'.length);
  const key = {
    '@context': MULTIKEY_CONTEXT,
    id: `${controller}#${multibase}`,
    type: 'Multikey',
    controller,
    publicKeyMultibase: multibase
  };
  if (fragment !== undefined) {
    return fragment === multibase ? key : undefined;
  }
  return {'@context': [DID_CONTEXT, MULTIKEY_CONTEXT], id: controller, assertionMethod: [key]};
}
