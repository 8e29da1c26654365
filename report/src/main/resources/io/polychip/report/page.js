'use strict';
// Draws the plots that PlotJson describes. Colours follow the reader's system; paper is light.
(function () {
  const specs = JSON.parse(document.getElementById('plots').textContent);
  const darkness = matchMedia('(prefers-color-scheme: dark)');
  const symbols = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];
  let printing = false;

  const steps = [[1e12, ' T'], [1e9, ' G'], [1e6, ' M'], [1e3, ' k']];

  function number(value) {
    const size = Math.abs(value);
    for (const [step, letter] of steps) {
      if (size >= step) {
        return short(value / step) + letter;
      }
    }
    return short(value);
  }

  function short(value) {
    const size = Math.abs(value);
    const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String(Number(value.toFixed(digits)));
  }

  function two(value) {
    return String(value).padStart(2, '0');
  }

  function clock(seconds) {
    const whole = Math.round(seconds);
    const minutes = Math.floor(whole / 60);
    return minutes >= 60
      ? Math.floor(minutes / 60) + ':' + two(minutes % 60) + ':' + two(whole % 60)
      : minutes + ':' + two(whole % 60);
  }

  function duration(millis) {
    return Math.abs(millis) >= 1000 ? short(millis / 1000) + ' s' : short(millis) + ' ms';
  }

  function dollars(value) {
    const size = Math.abs(value);
    return size >= 0.1 && size < 1000 ? value.toFixed(2) : number(value);
  }

  function withUnit(value, axis) {
    if (value === null || value === undefined || Number.isNaN(value)) {
      return '–';
    }
    if (axis.scale === 'time') {
      return clock(value);
    }
    if (axis.scale === 'share') {
      return short(value * 100) + ' %';
    }
    if (axis.unit === 'ms') {
      return duration(value);
    }
    return axis.unit.startsWith('$') ? '$' + dollars(value) + axis.unit.slice(1)
      : number(value) + (axis.unit ? ' ' + axis.unit : '');
  }

  function onAxis(value, axis) {
    if (axis.scale === 'time') {
      return clock(value).replace(/^(\d+:\d\d):\d\d$/, '$1');
    }
    return axis.scale === 'share' ? short(value * 100) + ' %' : axis.unit === 'ms' ? duration(value) : number(value);
  }

  function axisOption(axis, place, look, values) {
    const option = {
      type: axis.scale === 'log' ? 'log' : 'value',
      name: axis.name + (axis.unit && axis.unit !== 'ms' ? ' (' + axis.unit + ')' : ''),
      nameLocation: place === 'y' ? 'end' : 'middle',
      nameGap: place === 'y' ? 10 : 28,
      nameTextStyle: {color: look.soft, align: place === 'y' ? 'left' : 'center'},
      axisLabel: {color: look.soft, formatter: value => onAxis(value, axis), hideOverlap: true},
      axisLine: {show: place === 'x', lineStyle: {color: look.line}},
      splitLine: {show: place === 'y' || axis.scale === 'log' || axis.scale === 'fitted', lineStyle: {color: look.line, opacity: 0.6}},
      scale: axis.scale === 'fitted'
    };
    if (axis.scale === 'time') {
      const last = Math.max(1, ...values);
      const first = Math.min(...values);
      option.max = last;
      option.axisLabel.showMaxLabel = false; // the end is seldom a round time and crowds the one before
      const good = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
      const late = first > last / 3 ? first : 0;
      option.interval = good.find(step => (last - late) / step <= 8) || 86400;
      option.min = Math.floor(late / option.interval) * option.interval;
    } else if (axis.scale === 'log') {
      const positive = values.filter(value => value > 0);
      if (positive.length) {
        option.min = nice(Math.min(...positive), false);
        option.max = nice(Math.max(...positive), true);
      }
    } else if (axis.scale === 'share') {
      option.min = 0;
      if (Math.max(0, ...values) > 0.5) {
        option.max = 1; // sums of shares may be above it by a rounding
      }
    }
    return option;
  }

  function nice(value, up) {
    const power = Math.pow(10, Math.floor(Math.log10(value)));
    const parts = [1, 2, 5, 10].map(part => part * power);
    return up ? parts.find(part => part >= value * 0.9999) : parts.reverse().find(part => part <= value * 1.0001);
  }

  function base(spec, look, names) {
    return {
      animation: false,
      textStyle: {fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif', color: look.ink},
      legend: {
        show: names.length > 1, type: 'scroll', top: 0, left: 0, itemWidth: 18, itemHeight: 10, data: names,
        textStyle: {color: look.ink}, inactiveColor: look.line, pageTextStyle: {color: look.soft}
      },
      grid: {left: 8, right: 22, top: (names.length > 1 ? 54 : 32) + (spec.marks && spec.marks.some(mark => mark.vertical) ? 12 + 14 * Math.max(...spec.marks.map(mark => mark.level)) : 0), bottom: 28, containLabel: true},
      tooltip: {
        confine: true, backgroundColor: look.card, borderColor: look.line, textStyle: {color: look.ink, fontSize: 12}
      }
    };
  }

  function marks(spec, look) {
    return {
      type: 'line', name: '', data: [[0, null]], silent: true, z: 200, symbol: 'none', tooltip: {show: false},
      markLine: {
        silent: true, symbol: 'none', animation: false,
        lineStyle: {color: look.ink, type: 'dashed', width: 1},
        label: {color: look.ink, fontSize: 11, backgroundColor: look.veil, padding: [2, 4], borderRadius: 2},
        data: (spec.marks || []).map(mark => mark.vertical
          ? {xAxis: mark.at, label: {formatter: mark.text, position: 'end', rotate: 0, align: mark.align, distance: 2 + 14 * mark.level}}
          : {yAxis: mark.at, label: {formatter: mark.text, position: 'insideEndTop'}})
      }
    };
  }

  function escape(text) {
    return String(text).replace(/[&<>"]/g, c => '&#' + c.charCodeAt(0) + ';');
  }

  function row(marker, name, value) {
    return '<tr><td>' + marker + escape(name) + '</td><td style="text-align:right;padding-left:12px"><b>' +
      escape(value) + '</b></td></tr>';
  }

  // Labels of vertical marks that are close to each other stand one above the other. Of what lies far beyond all
  // values on a logarithmic axis nothing is drawn: it would press them together.
  function placed(spec, xs) {
    const place = x => spec.x.scale === 'log' ? Math.log(x) : x;
    const known = xs.filter(x => x !== null && (spec.x.scale !== 'log' || x > 0));
    const most = Math.max(...known);
    const shown = (spec.marks || []).filter(mark => !mark.vertical || spec.x.scale !== 'log' || mark.at <= 10 * most);
    const reach = shown.filter(mark => mark.vertical).map(mark => place(mark.at)).concat(known.map(place));
    const from = Math.min(...reach);
    const width = Math.max(...reach) - from;
    let last = null;
    return shown.slice().sort((a, b) => a.at - b.at).map(mark => {
      const above = last !== null && mark.vertical && place(mark.at) - place(last.at) < 0.2 * width;
      const along = (place(mark.at) - from) / width;
      const leveled = Object.assign({}, mark, {
        level: above ? last.level + 1 : 0, align: along < 0.15 ? 'left' : along > 0.85 ? 'right' : 'center'
      });
      last = mark.vertical ? leveled : last;
      return leveled;
    });
  }

  function lines(whole, look) {
    const xs = whole.series.flatMap(series => series.x);
    const spec = Object.assign({}, whole, {marks: placed(whole, xs)});
    const option = base(spec, look, spec.series.map(series => series.name));
    if (spec.x.scale === 'log') {
      xs.push(...spec.marks.filter(mark => mark.vertical).map(mark => mark.at));
    }
    const ys = spec.stacked ? [] : spec.series.flatMap(series => series.y.concat(series.high || [])).filter(value => value !== null);
    option.xAxis = axisOption(spec.x, 'x', look, xs);
    option.yAxis = axisOption(spec.y, 'y', look, ys);
    if (spec.marks.some(mark => mark.align === 'left')) { // its label is where the axis' name would be
      option.yAxis.nameGap = 24;
      option.grid.top += 12;
    }
    option.series = [];
    const sums = [];
    spec.series.forEach((series, i) => {
      const colour = series[look.name];
      if (series.low) {
        option.series.push(band(series, colour));
      }
      const heights = series.y.map((y, k) => spec.stacked ? (sums[k] = (sums[k] || 0) + (y || 0)) : y);
      option.series.push({
        type: 'line', name: series.name, showSymbol: false, symbol: symbols[i % symbols.length],
        data: series.x.map((x, k) => [x, heights[k], series.y[k]]), color: colour,
        lineStyle: {width: spec.stacked ? 1 : 2, type: series.dashed ? 'dashed' : 'solid', color: spec.stacked ? look.card : colour},
        areaStyle: spec.stacked ? {opacity: 1, color: colour} : undefined,
        z: spec.stacked ? 100 - i : 3, emphasis: {focus: 'none'}
      });
    });
    option.series.push(marks(spec, look));
    option.tooltip.trigger = 'axis';
    option.tooltip.axisPointer = {type: 'line', lineStyle: {color: look.soft}};
    option.tooltip.formatter = items => {
      const shown = items.filter(item => item.seriesType === 'line' && item.seriesName && item.value[1] !== null);
      if (!shown.length) {
        return '';
      }
      if (spec.stacked) {
        shown.reverse();
      }
      return '<b>' + escape(withUnit(shown[0].value[0], spec.x)) + '</b><table>' +
        shown.map(item => row(item.marker, item.seriesName, withUnit(item.value[2], spec.y))).join('') + '</table>';
    };
    return option;
  }

  function band(series, colour) {
    return {
      type: 'custom', name: series.name, silent: true, color: colour, clip: true,
      encode: {x: 0, y: [1, 2]}, tooltip: {show: false},
      data: series.x.map((x, k) => [x, series.low[k], series.high[k]]),
      renderItem: (params, api) => {
        if (params.dataIndex > 0) {
          return undefined;
        }
        const known = series.x.map((x, k) => k).filter(k => series.low[k] !== null && series.high[k] !== null);
        const points = known.map(k => api.coord([series.x[k], series.high[k]]))
          .concat(known.reverse().map(k => api.coord([series.x[k], series.low[k]])));
        return {type: 'polygon', shape: {points}, style: {fill: colour, opacity: 0.18}};
      }
    };
  }

  function bars(spec, look, width) {
    const names = Math.min(230, 0.34 * width, 12 + 7 * Math.max(...spec.categories.map(name => name.length)));
    const right = spec.stacked ? 22 : Math.min(120, 0.2 * width);
    const option = base(spec, look, spec.series.map(series => series.name));
    const all = spec.stacked ? spec.categories.map((name, k) => total(spec, k))
      : spec.series.flatMap(series => series.y.concat(series.high || []));
    option.xAxis = axisOption(spec.y, 'x', look, all);
    option.xAxis.splitLine.show = true;
    if (spec.limit !== undefined && option.xAxis.max === undefined && !(Math.max(...all) > spec.limit)) {
      option.xAxis.max = spec.limit * 1.2;
    }
    option.xAxis.splitNumber = Math.max(2, Math.min(5, Math.floor((width - names - 14 - right) / 60)));
    option.yAxis = {
      type: 'category', data: spec.categories, inverse: true, axisTick: {show: false},
      axisLine: {lineStyle: {color: look.line}}, axisLabel: {color: look.ink, width: names, overflow: 'break', lineHeight: 13}
    };
    option.grid = {left: names + 14, right, top: (spec.series.length > 1 ? 40 : 14) + (spec.limit === undefined ? 0 : 12), bottom: 46};
    const count = spec.series.length;
    const longest = Math.max(...spec.categories.map((name, k) => total(spec, k)));
    const fits = (item, text) => item.value / longest * (width - names - 36) > 6 * text.length;
    option.series = [];
    spec.series.forEach((series, i) => {
      const colour = series[look.name];
      option.series.push({
        type: 'bar', name: series.name, color: colour, data: series.y, stack: spec.stacked ? 'all' : undefined,
        barGap: '15%', barCategoryGap: '30%', barMaxWidth: 26,
        itemStyle: spec.stacked ? {borderColor: look.card, borderWidth: 1} : {},
        label: {
          show: true, position: spec.stacked ? 'inside' : 'right', fontSize: 11,
          color: spec.stacked ? '#ffffff' : look.ink, textBorderColor: spec.stacked ? 'rgba(0,0,0,0.55)' : look.card,
          textBorderWidth: 2,
          formatter: item => item.value === null || series.low || spec.stacked && !fits(item, withUnit(item.value, spec.y))
            ? '' : withUnit(item.value, spec.y)
        }
      });
      if (series.low) {
        option.series.push(whiskers(spec, series, i, look));
      }
    });
    if (spec.limit !== undefined) {
      option.series[0].markLine = {
        silent: true, symbol: 'none', lineStyle: {color: look.ink, type: 'dashed'},
        label: {color: look.ink, formatter: 'allowed', position: 'start'}, data: [{xAxis: spec.limit}]
      };
    }
    option.tooltip.formatter = item => '<b>' + escape(item.name) + '</b><table>' +
      row(item.marker, item.seriesName, withUnit(item.value, spec.y)) + '</table>';
    return option;
  }

  function total(spec, index) {
    return spec.series.reduce((sum, series) => sum + (series.y[index] || 0), 0);
  }

  function whiskers(spec, series, i, look) {
    return {
      type: 'custom', name: series.name, silent: true, tooltip: {show: false}, z: 5,
      encode: {x: [1, 2], y: 0},
      data: series.low.map((low, k) => [k, low, series.high[k]]),
      renderItem: (params, api) => {
        const place = api.barLayout({count: spec.series.length, barGap: '15%', barCategoryGap: '30%', barMaxWidth: 26})[i].offsetCenter;
        const low = api.coord([api.value(1), api.value(0)]);
        const high = api.coord([api.value(2), api.value(0)]);
        const y = low[1] + place;
        const cap = x => ({type: 'line', shape: {x1: x, y1: y - 4, x2: x, y2: y + 4}, style});
        const style = {stroke: look.ink, lineWidth: 1.3};
        return {
          type: 'group',
          children: [{type: 'line', shape: {x1: low[0], y1: y, x2: high[0], y2: y}, style}, cap(low[0]), cap(high[0]),
            {type: 'text', style: {text: withUnit(series.y[params.dataIndex], spec.y), x: high[0] + 6, y, fill: look.ink, fontSize: 11, textVerticalAlign: 'middle'}}]
        };
      }
    };
  }

  function scatter(spec, look) {
    const option = base(spec, look, spec.series.map(series => series.name));
    option.xAxis = axisOption(spec.x, 'x', look, spec.series.flatMap(series => series.x));
    option.yAxis = axisOption(spec.y, 'y', look, spec.series.flatMap(series => series.y));
    option.grid.right = 90;
    option.series = spec.series.map((series, i) => ({
      type: series.joined ? 'line' : 'scatter', name: series.name, color: series[look.name],
      symbol: symbols[i % symbols.length], symbolSize: 11, lineStyle: {width: 2},
      data: series.x.map((x, k) => ({value: [x, series.y[k]], name: series.labels[k]})),
      label: {show: true, position: series.joined ? 'top' : 'right', color: look.ink, fontSize: 11, formatter: item => item.name},
      labelLayout: {hideOverlap: true, moveOverlap: 'shiftY'}
    }));
    option.tooltip.formatter = item => '<b>' + escape(item.name || item.seriesName) + '</b><table>' +
      row('', spec.x.name, withUnit(item.value[0], spec.x)) + row('', spec.y.name, withUnit(item.value[1], spec.y)) +
      '</table>';
    return option;
  }

  function look() {
    const dark = darkness.matches && !printing;
    return dark
      ? {name: 'dark', ink: '#ececee', soft: '#a9a9b0', line: '#44464c', card: '#1e2023', veil: 'rgba(30,32,35,0.8)'}
      : {name: 'light', ink: '#1c1c1e', soft: '#5c5c62', line: '#d4d4d0', card: '#ffffff', veil: 'rgba(255,255,255,0.8)'};
  }

  const draw = {lines, bars, scatter};
  const charts = specs.map((spec, i) => echarts.init(document.getElementById('plot-' + i), null, {renderer: 'svg'}));

  function redraw() {
    charts.forEach((chart, i) => chart.setOption(draw[specs[i].kind](specs[i], look(), chart.getWidth()), true));
  }

  redraw();
  darkness.addEventListener('change', redraw);
  const sizes = new ResizeObserver(() => {
    charts.forEach(chart => chart.resize());
    redraw();
  });
  charts.forEach(chart => sizes.observe(chart.getDom()));
  addEventListener('beforeprint', () => {
    printing = true;
    charts.forEach(chart => chart.resize());
    redraw();
  });
  addEventListener('afterprint', () => {
    printing = false;
    redraw();
  });
})();
