// Reads configuration files with the reader of OpenTelemetry for JavaScript.
//
//   node configuration.cjs FOLDER read     FOLDER has the packages of `package-lock.json`. Standard input is a JSON list of
//                                          {text, variables}. Prints a list with {model} or {error} for each
//   node configuration.cjs FOLDER schema   prints the JSON schema that the reader was generated from
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createRequire } = require('node:module');

const [folder, command] = process.argv.slice(2);
const reader = createRequire(path.join(folder, 'package.json'));

function read({ text, variables }, file) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    fs.writeFileSync(file, text);
    return { model: reader('@opentelemetry/configuration').parseConfigFile(file) };
  } catch (error) {
    return { error: String(error.message) };
  } finally {
    for (const name of Object.keys(variables ?? {})) delete process.env[name];
    Object.assign(process.env, before);
  }
}

function schema() {
  const entry = reader.resolve('@opentelemetry/configuration');
  const validator = fs.readFileSync(path.join(path.dirname(entry), 'generated', 'validator.cjs'), 'utf8');
  // The first schema of the validator is the whole one.
  const start = validator.search(/const schema\d+ = \{\s*"\$schema"/);
  const end = validator.indexOf('\n\t};', start);
  return JSON.parse(validator.slice(validator.indexOf('{', start), end + 3));
}

if (command === 'schema') {
  console.log(JSON.stringify(schema()));
} else {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'configuration-'));
  const files = JSON.parse(fs.readFileSync(0, 'utf8'));
  const answers = files.map((file) => read(file, path.join(temporary, 'otel.yaml')));
  fs.rmSync(temporary, { recursive: true });
  console.log(JSON.stringify(answers));
}
