/**
 * The sheet's style. Colours are custom properties so that the dark scheme changes nothing else;
 * `--l0` to `--l7` are the labels' colours (after Okabe and Ito, told apart by colour-blind eyes).
 */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f5f2; --card: #ffffff; --ink: #1d1d1f; --soft: #6b6a67; --line: #e2e0da; --track: #ecebe6;
  --bad: #b3261e; --bad-soft: #fbe9e7; --shadow: 0 1px 2px rgb(0 0 0 / .06), 0 4px 14px rgb(0 0 0 / .05);
  --l0: #0072b2; --l1: #c2571a; --l2: #00856a; --l3: #a64d82; --l4: #8a6d00; --l5: #3f7fae; --l6: #5b5bb0; --l7: #6b6a67;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161617; --card: #212123; --ink: #f0efec; --soft: #a3a19c; --line: #343436; --track: #323234;
    --bad: #ff8a80; --bad-soft: #43211f; --shadow: 0 1px 2px rgb(0 0 0 / .4);
    --l0: #57b4ee; --l1: #f0935a; --l2: #35c9a5; --l3: #dc8fbd; --l4: #dcc04a; --l5: #8fc1e6; --l6: #a2a2f0; --l7: #a3a19c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, .top { max-width: 1480px; margin: 0 auto; padding: 0 clamp(16px, 3vw, 40px); }
.top { padding-top: clamp(24px, 4vw, 48px); }
h1 { font-size: clamp(24px, 3vw, 34px); line-height: 1.15; letter-spacing: -.015em; margin: 0 0 6px; }
.lead { color: var(--soft); margin: 0; max-width: 62ch; }
.facts { display: flex; flex-wrap: wrap; gap: 16px; margin: 24px 0 8px; align-items: stretch; }
.fact { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 16px 20px; }
.fact h2 { font-size: 12px; font-weight: 600; letter-spacing: .02em; color: var(--soft); margin: 0 0 6px; }
.fact strong { display: block; font-size: 34px; line-height: 1.1; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.fact p { margin: 6px 0 0; color: var(--soft); font-size: 13px; }
.confusion { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
.confusion th { font-weight: 500; color: var(--soft); padding: 2px 10px; text-align: right; }
.confusion thead th { padding-bottom: 4px; text-align: center; }
.confusion { table-layout: fixed; } .confusion td { min-width: 64px; padding: 4px 10px; text-align: center; border-radius: 6px; background: var(--track); border: 2px solid var(--card); }
.confusion .right { background: color-mix(in srgb, var(--c) 22%, var(--card)); font-weight: 650; }
.confusion .miss { background: var(--bad-soft); color: var(--bad); font-weight: 650; }
.confusion .none { color: var(--soft); background: none; }
.bar { position: sticky; top: 0; z-index: 2; background: color-mix(in srgb, var(--page) 88%, transparent); backdrop-filter: blur(10px);
  border-bottom: 1px solid var(--line); margin-top: 16px; }
.bar > div { max-width: 1480px; margin: 0 auto; padding: 10px clamp(16px, 3vw, 40px); display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; }
.choices { display: inline-flex; border: 1px solid var(--line); border-radius: 999px; padding: 2px; background: var(--card); }
.choices label { padding: 4px 14px; border-radius: 999px; font-size: 13px; cursor: pointer; color: var(--soft); white-space: nowrap; }
.choices input { position: absolute; opacity: 0; pointer-events: none; }
.choices label:has(:checked) { background: var(--ink); color: var(--page); }
.choices label:has(:focus-visible) { outline: 2px solid var(--l0); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; margin-left: auto; }
nav a { color: var(--ink); text-decoration: none; } nav a:hover { text-decoration: underline; }
.dot { display: inline-block; width: .68em; height: .68em; border-radius: 50%; background: var(--c); margin-right: .45em; }
.group { padding: 30px 0 6px; scroll-margin-top: 44px; }
.group > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; margin-bottom: 14px; }
.group h2 { font-size: 21px; letter-spacing: -.01em; margin: 0; }
.group header span { color: var(--soft); font-size: 14px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 216px), 1fr)); gap: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; box-shadow: var(--shadow); margin: 0; display: flex; flex-direction: column; }
.card.wrong { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad), var(--shadow); }
.picture { position: relative; aspect-ratio: 4 / 3; background: var(--track); }
.picture img { width: 100%; height: 100%; object-fit: cover; display: block; }
.badge { position: absolute; left: 8px; top: 8px; font-size: 11px; font-weight: 600; line-height: 1; padding: 5px 8px; border-radius: 999px;
  background: rgb(20 20 22 / .74); color: #fff; backdrop-filter: blur(4px); }
.card figcaption { padding: 10px 12px 12px; display: grid; gap: 8px; }
.name { font-size: 13px; font-weight: 550; overflow-wrap: anywhere; }
.verdict { font-size: 12px; font-weight: 600; color: var(--bad); background: var(--bad-soft); border-radius: 6px; padding: 4px 8px; }
.scores { display: grid; grid-template-columns: auto 1fr auto; gap: 4px 8px; align-items: center; font-size: 12px; color: var(--soft); font-variant-numeric: tabular-nums; }
.scores .chosen { color: var(--ink); font-weight: 600; }
.track { height: 6px; border-radius: 3px; background: var(--track); overflow: hidden; }
.track i { display: block; height: 100%; width: calc(var(--p) * 100%); background: var(--c); border-radius: 3px; }
.scores .number { text-align: right; }
.measures { display: grid; grid-template-columns: 1fr auto; gap: 1px 8px; margin: 0; padding-top: 8px; border-top: 1px solid var(--line); font-size: 11.5px; color: var(--soft); }
.measures dt, .measures dd { margin: 0; } .measures dd { text-align: right; font-variant-numeric: tabular-nums; color: var(--ink); }
body:has(#held-out:checked) .card:not(.held-out), body:has(#wrong:checked) .card:not(.wrong) { display: none; }
.empty { display: none; color: var(--soft); font-size: 14px; }
body:has(#held-out:checked) .group:not(:has(.card.held-out)) .empty, body:has(#wrong:checked) .group:not(:has(.card.wrong)) .empty { display: block; }
footer { color: var(--soft); font-size: 13px; padding: 36px 0 48px; max-width: 76ch; }
@media (max-width: 560px) {
  nav { margin-left: 0; } .fact { flex: 1 1 100%; }
  .cards { grid-template-columns: 1fr 1fr; gap: 10px; } .measures { display: none; } .card figcaption { padding: 8px 9px 10px; }
}
@media print { .bar { display: none; } .card { break-inside: avoid; box-shadow: none; } }
`
