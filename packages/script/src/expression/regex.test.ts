import { describe, expect, it } from 'vitest';
import { compileRegex } from './regex.ts';

describe('compileRegex', () => {
  it.each([
    '',
    '^10\\.',
    'a|b|c',
    '(a|b)c',
    '(a|b)?',
    '(?:GET|POST) /x',
    '\\d{1,3}(\\.\\d{1,3}){3}',
    '(?:a|b){8}',
    '(?:ab)+',
    '(ab)*c*',
    '[(a+)+]*',
    '[\\]*]+',
    '(\\()+',
    '\\p{Lu}+\\u{1f600}+',
    '^(?=.*a)b.*$',
    '(?<name>a+)-(?<other>b*)',
    '(?:a{3})+',
    'a+?b*?',
    '/orders/(\\d+)/items/(\\d+)/parts/(\\d+)$',
    '^([^,]*),([^,]*),([^,]*),([^,]*)$',
    '^GET .*\\?.*$',
    'page=(.*)$',
    '^(?:\\s*\\w+)?=',
    'a*b*c*',
  ])('accepts %s', (pattern) => {
    expect(compileRegex(pattern)).toBeInstanceOf(RegExp);
  });

  it.each([
    '(a+)+',
    '(a*)*b',
    '(?:a|a)*',
    '(a|aa)+$',
    '(a?){30}',
    '(?:a|b){9}',
    '((a+)b)+',
    '(?:(?:a|b)c){2,}',
    '(a{1,3})+',
    '(a+){2}',
    '(a{2,}){2}',
    '(?<n>x+x+)+y',
    '(?:(a+))*?',
  ])('refuses %s, which may take exponential time', (pattern) => {
    expect(compileRegex(pattern)).toContain('exponential time');
  });

  it.each([
    '.*.*.*x$',
    'a.*b.*c',
    '^.*a.*b.*c$',
    '(.*)(.*)x',
    '\\d+.*\\w+y',
    '(?:ab)*(?:ba)*[ab]*c',
    '.{0,999}.{0,999}x',
    '(?:^x|.*)y.*z',
  ])('refuses %s, which may take hours', (pattern) => {
    expect(compileRegex(pattern)).toContain('very long');
  });

  it('accepts nothing that takes long on a text of one character', () => {
    for (const pattern of ['^.*a.*x$', 'a.*x', 'a*b*a{0,9}x', '(?:aa)*x$']) {
      const regex = compileRegex(pattern) as RegExp;
      const start = performance.now();
      regex.test('a'.repeat(4096));
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });

  it('refuses back-references', () => {
    expect(compileRegex('(a)\\1')).toContain('back-reference');
    expect(compileRegex('(?<n>a)\\k<n>')).toContain('back-reference');
    expect(compileRegex('\\\\1')).toBeInstanceOf(RegExp);
  });

  it.each(['(', 'a)', '[', '*', 'a**', '\\', '\\q', '{', '\\p{Nope}', '(?<n>a)(?<n>b)'])(
    'refuses %s with the reason of the engine',
    (pattern) => {
      expect(compileRegex(pattern)).toMatch(/^is not valid: \S/);
    },
  );
});
