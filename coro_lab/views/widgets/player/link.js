// A run in the fragment of an address, and back: trace/fragment.py does the same in Python.
//
// All that comes out of a fragment was written by somebody else. It is unpacked up to a size, checked, and shown as text.

import { Unreadable } from "./trace.js";

export const LONGEST_LINK = 32 * 1024; // characters of an address; the reason is in trace/fragment.py
const LARGEST_TEXT = 4_000_000; // bytes that are unpacked
const LOOK_COLOUR = /^#[\dA-F]{6}$/i;

/**
 * A text as letters, digits, `-` and `_`.
 * @param {string} text
 */
export async function pack(text) {
  const bytes = await flow(new TextEncoder().encode(text), new CompressionStream("deflate"), Infinity);
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The text that was packed. Throws Unreadable with one sentence.
 * @param {string} packed
 */
export async function unpack(packed) {
  if (!/^[\w-]+$/.test(packed)) throw damaged("it has characters that no link has");
  if (packed.length > LONGEST_LINK) throw damaged(`it is longer than ${LONGEST_LINK.toLocaleString("en")} characters`);
  if (!("DecompressionStream" in globalThis))
    throw new Unreadable("This browser cannot unpack the link. Update the browser, or open the link in another.");
  try {
    const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const text = await flow(bytes, new DecompressionStream("deflate"), LARGEST_TEXT);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch (error) {
    throw error instanceof Unreadable ? error : damaged("a part of it is missing or was changed");
  }
}

/**
 * What comes out of a stream for these bytes; Unreadable if it is more than `most`.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionStream | DecompressionStream} stream
 * @param {number} most
 */
async function flow(bytes, stream, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let size = 0;
  for (;;) {
    const { value } = await reader.read();
    if (!value) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw damaged(`it unpacks to more than ${most.toLocaleString("en")} bytes`);
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @param {string} why */
function damaged(why) {
  return new Unreadable(`This link is damaged: ${why}. Copy the whole link again.`);
}

/**
 * The fragment that holds a run, without its `#`.
 * @param {Pick<PlayerTraits, "trace" | "looks" | "title">} traits
 */
export async function runFragment({ trace, looks, title }) {
  return `run=${await pack(JSON.stringify({ ...JSON.parse(trace), looks, title }))}`;
}

/**
 * What a player is given to show the run in a packed text. Throws Unreadable.
 * @param {string} packed
 * @returns {Promise<PlayerTraits>}
 */
export async function readRun(packed) {
  const trace = await unpack(packed); // the player checks it
  const { lanes, looks, title } = parsed(trace) ?? {};
  if (!(Array.isArray(looks) && looks.length === lanes?.length && looks.every(isLook)))
    throw damaged("it is not a run with its colours");
  const shown = { index: 0, follow: false, hide_lines: false, can_fork: false, play: false, site: "" };
  return { trace, looks, title: typeof title === "string" ? title : "", other: null, ...shown };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A colour could name an address, so only colours pass. @type {(look: any) => boolean} */
function isLook(look) {
  if (!(Array.isArray(look) && look.length === 4 && look.every((part) => typeof part === "string"))) return false;
  return look.slice(0, 3).every((colour) => LOOK_COLOUR.test(colour)) && look[3].length === 1;
}
