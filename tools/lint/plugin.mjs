// Lint rules for text and bytes from outside: one strict reader per format, no lenient ones beside it.
//
//   const expires = new Date(text);              refused: use parseTime of @cargo-tuf/metadata
//   const hash = Buffer.from(text, 'hex');       refused: use decodeHex of @cargo-tuf/keys
//   const pattern = new RegExp(role.pattern);    refused: match by a function that is linear in its input

/** `new Date(value)` and `Date.parse` accept dozens of spellings of one time. */
const noLenientDate = {
  create(context) {
    return {
      NewExpression(node) {
        if (node.callee.name === 'Date' && node.arguments.length > 0)
          context.report({ node, message: 'new Date(value) reads leniently; use parseTime of metadata' });
      },
    };
  },
};

const TEXT_ENCODINGS = new Set(['hex', 'base64', 'base64url']);

/** `Buffer.from(text, 'hex')` stops at the first wrong digit, and says nothing. */
const noLenientDecoding = {
  create(context) {
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type !== 'MemberExpression' || callee.object.name !== 'Buffer') return;
        if (callee.property.name === 'from' && TEXT_ENCODINGS.has(node.arguments[1]?.value))
          context.report({
            node,
            message: 'Buffer.from decodes leniently; use decodeHex or decodeBase64 of keys',
          });
      },
    };
  },
};

/** A pattern made of data is a program from outside. */
const noBuiltRegExp = {
  create(context) {
    const check = node => {
      if (node.callee.name !== 'RegExp' || node.arguments[0]?.type === 'Literal') return;
      context.report({ node, message: 'a RegExp made of data; write the pattern as a literal' });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

export default {
  meta: { name: 'cargo-tuf' },
  rules: {
    'no-lenient-date': noLenientDate,
    'no-lenient-decoding': noLenientDecoding,
    'no-built-reg-exp': noBuiltRegExp,
  },
};
