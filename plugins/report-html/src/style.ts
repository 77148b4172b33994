/** The page's style sheet. Colours meet WCAG 2.2 AA (4.5:1 for text) in both schemes; a test measures it. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#18202c;--dim:#566170;--line:#d8dee6;--link:#0a58a8;
--ok:#17703a;--ok-bg:#e6f4ea;--warn:#855400;--warn-bg:#fdf1d8;--bad:#b3221b;--bad-bg:#fdeae8;
--download:#9db2cc;--stored:#1f66b0;--signed:#146c43;--pinned:#2a9d8f;--checksum:#3b7dc4;--tofu:#d79a1e;--none:#c8372d;
--s1:#7a5ab8;--s2:#2a9d8f;--s3:#c8772d;--s4:#7d8794}
@media (prefers-color-scheme:dark){:root{--bg:#0f1319;--card:#171d26;--ink:#e5eaf1;--dim:#9ba8b8;--line:#2b3442;--link:#74b6ff;
--ok:#5fcf80;--ok-bg:#12301f;--warn:#e6b450;--warn-bg:#33270d;--bad:#ff8f86;--bad-bg:#3a1715;
--download:#53657d;--stored:#5aa2ee;--signed:#4cc07a;--pinned:#3fb8a9;--checksum:#5a9be0;--tofu:#d9a53a;--none:#e5645a;
--s1:#a88be0;--s2:#3fb8a9;--s3:#dd9450;--s4:#8d98a6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.page{max-width:76rem;margin:0 auto;padding:1.25rem}
a{color:var(--link)}a,code,bdi,p,h1,h3,dd{overflow-wrap:anywhere}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.banner,section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem;margin:0 0 1.25rem}
.banner{border-top:6px solid var(--tone)}.banner.ok{--tone:var(--ok)}.banner.bad{--tone:var(--bad)}
.product{margin:0;color:var(--dim);font-size:.875rem}
h1{font-size:clamp(1.25rem,1rem + 1.6vw,1.75rem);line-height:1.25;margin:.25rem 0 .5rem;text-wrap:balance}
h1 .mark{color:var(--tone)}
h2{font-size:1.25rem;margin:0 0 .75rem}h3{font-size:1rem;margin:0 0 .25rem;font-weight:600}
.count{color:var(--dim);font-weight:400}.dim,.place,.meta,.empty,caption{color:var(--dim);font-weight:400}.meta,.place{margin:0;font-size:.875rem}
.text-bad{color:var(--bad);font-weight:600}.text-warn{color:var(--warn);font-weight:600}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:1rem 0 0}
.figure{border:1px solid var(--line);border-radius:8px;padding:.75rem}
.figure dt{font-size:.875rem;color:var(--dim)}.figure dd{margin:0}
.figure strong{display:block;font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figure span{font-size:.875rem;color:var(--dim)}
.figure.bad strong{color:var(--bad)}.figure.ok strong{color:var(--ok)}.figure.warn strong{color:var(--warn)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0 0 1.25rem;padding:0 .25rem}
.failures{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}
.failure{border:1px solid var(--line);border-inline-start:4px solid var(--bad);border-radius:6px;padding:.75rem 1rem}
.failure.warn{border-inline-start-color:var(--warn)}.failure.warn .code{color:var(--warn);background:var(--warn-bg)}
.failure p{margin:.25rem 0}.code{color:var(--bad);background:var(--bad-bg);padding:.125rem .375rem;border-radius:4px}
.scroll{overflow-x:auto;margin:0 -1.25rem;padding:0 1.25rem}.scroll+.scroll{margin-top:1.25rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption span,.more dl{position:sticky;inset-inline-start:0;display:block;max-width:min(71rem,100vw - 6rem)}
caption{text-align:start;padding:0 0 .5rem;font-size:.875rem}
th,td{text-align:start;padding:.375rem .75rem .375rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-inline-end:0}
thead th,thead td{font-size:.8125rem;color:var(--dim);vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:600;min-width:9rem;max-width:22rem}td.text>*,tbody th>bdi,tbody th summary{width:max-content;max-width:20rem}td.text>*,tbody th>bdi{display:inline-block}
.matrix thead th{white-space:normal;min-width:6rem;max-width:14rem}
.matrix td{min-width:6.5rem}.matrix td code{white-space:nowrap}
.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
.badge.ok::before{content:'✓ '/''}.badge.warn::before{content:'! '/''}.badge.bad::before{content:'✗ '/''}.badge.dim::before{content:'– '/''}
.badge{display:inline-block;white-space:nowrap;font-size:.8125rem;padding:0 .5rem;border-radius:1rem;border:1px solid}
.badge.ok{color:var(--ok);background:var(--ok-bg)}.badge.warn{color:var(--warn);background:var(--warn-bg)}
.badge.bad{color:var(--bad);background:var(--bad-bg);font-weight:600}.badge.dim{color:var(--dim)}
thead button{all:unset;cursor:pointer}thead button:focus-visible{outline:2px solid var(--link)}
thead button::after{content:" ↕";opacity:.6}
[aria-sort=ascending] button::after{content:" ↑";opacity:1}[aria-sort=descending] button::after{content:" ↓";opacity:1}
summary{cursor:pointer}.more dl{display:grid;grid-template-columns:12rem 1fr;gap:.25rem .75rem;margin:.25rem 0 .5rem;font-size:.875rem}
.more dt{color:var(--dim)}.more dd{margin:0}.more ul{margin:0;padding-inline-start:1.125rem}
@supports selector(:has(*)){.more{display:none}tbody:has(details[open])>.more{display:table-row}
tbody:has(details[open])>tr:first-child>*{border-bottom-color:transparent}}
.tools{margin:0 0 .75rem;color:var(--dim)}
.tools input{font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--dim);border-radius:6px;padding:.25rem .5rem;width:min(20rem,100%)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:1rem;margin-bottom:1.25rem}
.card{border:1px solid var(--line);border-radius:8px;padding:.875rem;min-width:0}
.card .scroll{margin:.5rem -.875rem 0;padding:0 .875rem}.card caption{font-weight:600;color:var(--ink)}.card caption span{max-width:none}
.card thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.card tbody th{min-width:0;font-weight:400}
.card tr:last-child>*{border-bottom:0}
svg{display:block}.swatch{display:inline-block;vertical-align:-1px}.stack{border-radius:4px}
.stack rect{stroke:var(--card);stroke-width:1.5}.bars{width:45%;min-width:8rem}
.bar-download{fill:var(--download)}.bar-stored,.series-0{fill:var(--stored)}.series-1{fill:var(--s1)}.series-2{fill:var(--s2)}
.series-3{fill:var(--s3)}.series-4{fill:var(--s4)}
.trust-signed{fill:var(--signed)}.trust-pinned{fill:var(--pinned)}.trust-checksum-file{fill:var(--checksum)}
.trust-tofu{fill:var(--tofu)}.trust-unverified{fill:var(--none)}
.cover-cached{fill:var(--signed)}.cover-missing{fill:var(--none)}.cover-none{fill:var(--line)}.narrow{width:18%;min-width:6rem}
.bars .stack{margin-top:.375rem}tfoot>*>*{border-bottom:0;font-weight:600}.coverage tbody th,.rows tbody th{min-width:7rem}
section>h3{margin:1.5rem 0 .5rem}h4{font-size:1rem;font-weight:600;margin:0 0 .25rem;overflow-wrap:anywhere}section>.cards{margin-top:1.5rem}
.meta+.scroll{margin-top:1rem}.why{display:block;color:var(--dim);font-size:.8125rem;min-width:14rem;max-width:24rem;overflow-wrap:anywhere}
.reasons tbody th{font-weight:400;max-width:36rem}.reasons td{min-width:10rem}
.fold>summary{font-weight:600;padding:.25rem 0}.fold>.tools{margin-top:.75rem}
.cards.wide{grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr))}
.card .plain thead{position:static;width:auto;height:auto;overflow:visible;clip-path:none}
footer{color:var(--dim);font-size:.875rem;padding:0 .25rem}
@media (max-width:40rem){caption span,.more dl{max-width:calc(100vw - 3.75rem)}.page{padding:.75rem}.banner,section{padding:1rem}.scroll{margin:0 -1rem;padding:0 1rem}
.figures{grid-template-columns:1fr 1fr}.figure{padding:.625rem}.figure strong{font-size:1.375rem}
.figure:last-child:nth-child(odd){grid-column:1/-1}.more dl{grid-template-columns:1fr;gap:0}.more dd{margin-bottom:.375rem}}
@media print{:root{color-scheme:light;--bg:#fff}body{font-size:11pt}.page{max-width:none;padding:0}nav,.tools{display:none!important}
.banner,section{border:0;padding:0}.scroll{overflow:visible;margin:0;padding:0}tr,.failure,.figure,.card{break-inside:avoid}
h2{break-after:avoid}thead button::after{content:""}.badge,rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
