// Verifies and signs statements with Digital Bazaar's libraries. A job comes as JSON on standard input,
// the answer goes as JSON to standard output.
//
//   {"documents": {"<address>": {...}}, "verify": [{...}], "sign": [{"seed": "<hex>", "document": {...}}]}
//   {"verified": [{"<suite>": null | "<why not>"}], "signed": [{...}]}

import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import jsigs from 'jsonld-signatures';
import {offlineLoader} from './loader.js';

const {AssertionProofPurpose} = jsigs.purposes;
const VERIFY = [jcs.createVerifyCryptosuite(), rdfc];
const SIGN = [jcs.createSignCryptosuite(), rdfc];

/** Each proof by its suite: null where it holds, else the reason. jsigs by itself is content with one of a set. */
async function verify(document, documentLoader) {
  const found = {};
  for (const proof of [document.proof].flat()) {
    const suite = VERIFY.map(cryptosuite => new DataIntegrityProof({cryptosuite}));
    const purpose = new AssertionProofPurpose();
    const result = await jsigs.verify({...document, proof}, {suite, purpose, documentLoader});
    found[proof.cryptosuite] = result.verified ? null : reason(result.error);
  }
  return found;
}

function reason(error) {
  const causes = error.errors ?? [error];
  return causes.map(cause => `${cause.name}: ${cause.message}`).join('; ');
}

/** Signs a document with a proof set of both suites. */
async function sign({document, seed}, documentLoader) {
  const bytes = Uint8Array.from(Buffer.from(seed, 'hex'));
  const pair = await Ed25519Multikey.generate({seed: bytes});
  pair.controller = `did:key:${pair.publicKeyMultibase}`;
  pair.id = `${pair.controller}#${pair.publicKeyMultibase}`;
  let signed = document;
  for (const cryptosuite of SIGN) {
    const suite = new DataIntegrityProof({signer: pair.signer(), cryptosuite});
    signed = await jsigs.sign(signed, {suite, purpose: new AssertionProofPurpose(), documentLoader});
  }
  return signed;
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
  }
  const job = JSON.parse(Buffer.concat(chunks));
  const documentLoader = offlineLoader(job.documents);
  const answer = {verified: [], signed: []};
  for (const document of job.verify ?? []) {
    answer.verified.push(await verify(document, documentLoader));
  }
  for (const order of job.sign ?? []) {
    answer.signed.push(await sign(order, documentLoader));
  }
  process.stdout.write(JSON.stringify(answer));
}

await main();
