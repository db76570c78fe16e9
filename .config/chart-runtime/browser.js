// Runs in the page. Each chart over time is drawn again by Vega once it is scrolled into view, so that it can be
// zoomed; all of them show the same time. On any error the picture that the page came with stays.
import { transforms } from 'vega-dataflow';
import * as encoders from 'vega-encode';
import { expressionInterpreter } from 'vega-interpreter';
import { parse } from 'vega-parser';
import * as basics from 'vega-transforms';
import { extend } from 'vega-util';
import { View } from 'vega-view';
import * as layouts from 'vega-view-transforms';

extend(transforms, basics, layouts, encoders);

const shortestS = 1;
const dragPx = 6;
const shown = { from: null, to: null };
const charts = [];

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function show(from, to, endS) {
  const span = Math.min(Math.max(to - from, Math.min(shortestS, endS)), endS);
  const start = Math.min(Math.max(0, from), endS - span);
  const isWhole = span > endS * 0.999;
  shown.from = isWhole ? null : start;
  shown.to = isWhole ? null : start + span;
  for (const chart of charts) {
    refresh(chart);
  }
}

function refresh({ view, label, whole, endS }) {
  const from = shown.from ?? 0;
  const to = Math.min(shown.to ?? endS, endS);
  label.textContent = shown.from === null ? '' : `shown: ${clock(from)} to ${clock(to)}`;
  whole.disabled = shown.from === null;
  view.signal('xFrom', from).signal('xTo', to).runAsync();
}

function button(text, name, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-label', name);
  made.addEventListener('click', act);
  return made;
}

function controls(endS, title) {
  const around = (factor) => () => {
    const [from, to] = [shown.from ?? 0, shown.to ?? endS];
    const half = ((to - from) * factor) / 2;
    show((from + to) / 2 - half, (from + to) / 2 + half, endS);
  };
  const along = (share) => () => {
    const [from, to] = [shown.from ?? 0, shown.to ?? endS];
    show(from + (to - from) * share, to + (to - from) * share, endS);
  };
  const bar = document.createElement('div');
  bar.className = 'zoom';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', `Time shown by the charts, at: ${title}`);
  const label = document.createElement('output');
  const whole = button('whole run', 'Show the whole run', () => show(0, endS, endS));
  bar.append(
    button('closer', 'Show less time', around(0.5)),
    button('wider', 'Show more time', around(2)),
    button('earlier', 'Show earlier time', along(-0.5)),
    button('later', 'Show later time', along(0.5)),
    whole,
    label,
  );
  return { bar, label, whole };
}

// A drag chooses a span of time; the plot lies between fixed margins of the picture.
function listen(holder, view, endS) {
  let start = null;
  const mark = document.createElement('div');
  mark.className = 'span';
  const secondsAt = (event) => {
    const box = holder.querySelector('svg').getBoundingClientRect();
    const scale = box.width / (view.width() + view.padding().left + view.padding().right);
    const px = (event.clientX - box.left) / scale - view.padding().left;
    const [from, to] = [shown.from ?? 0, shown.to ?? endS];
    return Math.min(to, Math.max(from, from + (px / view.width()) * (to - from)));
  };
  holder.addEventListener('pointerdown', (event) => {
    // A finger scrolls the figure; it has the buttons.
    if (event.button === 0 && event.pointerType !== 'touch') {
      start = { x: event.clientX, s: secondsAt(event) };
      event.preventDefault();
    }
  });
  window.addEventListener('pointermove', (event) => {
    if (start !== null) {
      const box = holder.getBoundingClientRect();
      const [left, right] = [start.x, event.clientX].sort((a, b) => a - b);
      mark.style.left = `${left - box.left}px`;
      mark.style.width = `${right - left}px`;
      holder.append(mark);
    }
  });
  window.addEventListener('pointerup', (event) => {
    if (start !== null) {
      const [from, to] = [start.s, secondsAt(event)].sort((a, b) => a - b);
      const isDrag = Math.abs(event.clientX - start.x) > dragPx;
      start = null;
      mark.remove();
      if (isDrag) {
        show(from, to, endS);
      }
    }
  });
  holder.addEventListener('dblclick', () => show(0, endS, endS));
  holder.addEventListener(
    'wheel',
    (event) => {
      // The wheel alone scrolls the page.
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const at = secondsAt(event);
        const [from, to] = [shown.from ?? 0, shown.to ?? endS];
        const factor = event.deltaY > 0 ? 1.25 : 0.8;
        show(at - (at - from) * factor, at + (to - at) * factor, endS);
      }
    },
    { passive: false },
  );
}

// The page carries long data sets as columns, and a column that it carried before by its name only.
function unpack(spec) {
  for (const set of spec.data ?? []) {
    if (set.columns) {
      for (const [key, column] of Object.entries(set.columns)) {
        if (typeof column === 'string') {
          const dot = column.indexOf('.');
          set.columns[key] = spec.data[Number(column.slice(0, dot))].columns[column.slice(dot + 1)];
        }
      }
    }
  }
  for (const set of spec.data ?? []) {
    if (set.columns) {
      const columns = Object.entries(set.columns);
      set.values = columns[0][1].map((_, row) =>
        Object.fromEntries(columns.map(([key, column]) => [key, column[row]])),
      );
      delete set.columns;
    }
  }
  return spec;
}

async function hydrate(script) {
  const plot = script.closest('.plot');
  const still = plot.querySelector('svg');
  const spec = unpack(JSON.parse(script.textContent));
  const holder = document.createElement('div');
  holder.className = 'live';
  const view = new View(parse(spec, null, { ast: true }), {
    expr: expressionInterpreter,
    renderer: 'svg',
    logLevel: 0,
    hover: false,
  });
  view.initialize(holder);
  await view.runAsync();
  const drawn = holder.querySelector('svg');
  // The picture keeps its name and description for who hears the page.
  for (const name of ['role', 'aria-labelledby']) {
    drawn.setAttribute(name, still.getAttribute(name));
  }
  for (const part of drawn.querySelectorAll('[role], [aria-roledescription]')) {
    part.removeAttribute('role');
    part.removeAttribute('aria-roledescription');
    part.removeAttribute('aria-label');
  }
  drawn.prepend(...still.querySelectorAll(':scope > title, :scope > desc'));
  const endS = view.signal('xTo');
  const { bar, label, whole } = controls(endS, plot.getAttribute('aria-label'));
  still.replaceWith(holder);
  plot.before(bar);
  charts.push({ view, label, whole, endS });
  refresh(charts.at(-1));
  listen(holder, view, endS);
  plot.dataset.live = 'yes';
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        seen.unobserve(target);
        hydrate(target.querySelector('script')).catch((error) => {
          target.dataset.live = 'no';
          console.warn('This chart stays a picture:', error);
        });
      }
    }
  },
  { rootMargin: '200px' },
);
for (const script of document.querySelectorAll('.plot > script[type="application/json"]')) {
  seen.observe(script.parentElement);
}
