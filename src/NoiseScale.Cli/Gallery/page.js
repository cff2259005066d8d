function draw(key) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const ink = dark ? '#e6e8eb' : '#1b1f24', line = dark ? '#363c45' : '#d5d8dd';
  window.figures[key].forEach((figure, i) => {
    const node = document.getElementById(key + '-' + i);
    const layout = structuredClone(figure.layout);
    delete layout.width; delete layout.height; delete layout.template;
    Object.assign(layout, { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', autosize: true, font: { color: ink, size: 13 },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: ink } });
    layout.legend = { ...layout.legend, yref: 'container', y: 0.01, yanchor: 'bottom' }; // below the axis' title, however many rows it has
    layout.title.font = { size: 15, color: ink };
    for (const axis of ['xaxis', 'yaxis']) Object.assign(layout[axis], { gridcolor: line, linecolor: line, automargin: true }, layout[axis].type === 'log' && !layout[axis].nticks ? { exponentformat: 'power', dtick: layout[axis].dtick ?? 'D2' } : {});
    Plotly.react(node, figure.data, layout, { responsive: true, displaylogo: false, displayModeBar: matchMedia('(max-width: 46rem)').matches ? false : 'hover', modeBarButtonsToRemove: ['select2d', 'lasso2d'] });
  });
}
function drawAll() { for (const key in window.figures) if (document.getElementById(key + '-0')) draw(key); }
addEventListener('load', drawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
