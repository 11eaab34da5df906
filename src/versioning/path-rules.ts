/** Which file names are fit to be written at all. Pure. */

/** Characters that some file systems ignore or that show otherwise than they are (HFS+, bidi, zero width, tags). */
export const invisible =
  /\u00AD|\u034F|\u061C|[\u115F\u1160]|\u17B4|\u17B5|[\u180B-\u180F]|[\u200B-\u200F\u202A-\u202E\u2060-\u206F]|\u3164|[\uFE00-\uFE0F]|\uFEFF|\uFFA0|[\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]/u;
const control = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/;
const windowsDevice = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i;
const pathLengthMaximum = 512;

/** One objection against a path: rule id and sentence. */
export interface PathObjection {
  readonly rule: string;
  readonly message: string;
}

/** The first objection against a path, null when it is fit. */
export function objectionTo(path: string): PathObjection | null {
  const no = (rule: string, message: string): PathObjection => ({ rule, message });
  if (path === '' || path.length > pathLengthMaximum)
    return no('path-length', 'The path is empty or too long.');
  if (control.test(path)) return no('path-control', 'The path holds a control character.');
  if (isGitDirectory(path)) return no('path-git', 'The path reaches into a git directory.');
  if (invisible.test(path))
    return no('path-invisible', 'The path holds an invisible or direction character.');
  if (!isWellFormed(path)) return no('path-encoding', 'The path is not well-formed Unicode.');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.startsWith('~')) {
    return no('path-absolute', 'The path is absolute.');
  }
  if (path.includes('\\')) return no('path-backslash', 'The path holds a backslash.');
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.'))
    return no('path-traversal', 'The path climbs or stays in place.');
  if (parts.includes('')) return no('path-traversal', 'The path has an empty part.');
  if (path.normalize('NFC') !== path) return no('path-normalisation', 'The path is not in Unicode form NFC.');
  if (parts.some((part) => /[. ]$/.test(part) || windowsDevice.test(part) || /[<>:"|?*]/.test(part))) {
    return no('path-portable', 'The path cannot be written on every system.');
  }
  return null;
}

/** `.git` in any disguise: case, NTFS short names and streams, HFS+ ignorable characters, trailing dots and blanks. */
function isGitDirectory(path: string): boolean {
  return path.split(/[/\\]/).some((part) => {
    const seen = foldPath(part)
      .split('')
      .filter((char) => !invisible.test(char))
      .join('')
      .replace(/:.*$/, '')
      .replace(/[. ]+$/, '');
    return seen === '.git' || /^git~\d+$/.test(seen);
  });
}

function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|\uFFFD/.test(text);
}

/** The form in which two paths may be the same file on some system. */
export function foldPath(path: string): string {
  return path.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}
