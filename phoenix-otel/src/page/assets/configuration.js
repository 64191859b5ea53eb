// The effective configuration of the service.

import { breakable, h } from './dom.js';
import { moment } from './format.js';

export class Configuration {
  constructor() {
    this.name = 'configuration';
    this.body = h('div', { class: 'configuration' }, h('p', { class: 'quiet' }, 'Waiting for the configuration …'));
    this.element = h('div', {}, h('h1', {}, 'Configuration'), h('p', { class: 'quiet' }, 'The effective configuration: each value with its source. Durations are in milliseconds. The service masks secrets before it sends them.'), this.body);
  }

  draw({ about }) {
    if (!about || this.shown === about) return;
    this.shown = about;
    const sections = new Map([['Instance', [{ name: 'started', value: moment(about.started) }, { name: 'instance', value: about.instance }]]]);
    for (const setting of about.settings) sections.set(setting.section, [...(sections.get(setting.section) ?? []), setting]);
    this.body.replaceChildren(...[...sections].map(([section, settings]) => h(
      'section',
      { class: 'card', 'aria-label': section },
      h('h2', {}, section),
      h('dl', {}, settings.flatMap(({ name, value, origin }) => h(
        'div',
        {},
        h('dt', {}, breakable(name)),
        h('dd', {}, value === '' ? h('span', { class: 'quiet' }, '(empty)') : value, ...(origin ? [h('small', { class: 'quiet' }, origin)] : [])),
      ))),
    )));
  }

  /** The part of the JSON export about this view. The service has masked the secrets. */
  saved({ about }) {
    return { started: about?.started ?? null, settings: about?.settings ?? [] };
  }
}
