/**
 * Shows the rows that fit what was chosen. The table is whole without it, and the form is hidden until it runs. In
 * the browser's own language, since no build of the phases makes scripts for pages.
 */
export const filterScript = `(()=>{
const form=document.querySelector('form.filters');
const rows=[...document.querySelectorAll('table.runs tbody tr')];
const told=document.querySelector('#shown');
const apply=()=>{
const chosen=[...form.querySelectorAll('select')].filter((one)=>one.value!=='').map((one)=>[one.name,one.value]);
const words=form.elements.text.value.toLowerCase().split(/\\s+/).filter((word)=>word!=='');
let shown=0;
for(const row of rows){
const text=row.textContent.toLowerCase();
const fits=chosen.every(([name,value])=>row.dataset[name]===value)&&words.every((word)=>text.includes(word));
row.hidden=!fits;
shown+=fits?1:0;
}
told.textContent=shown+' of '+rows.length+' rows';
};
form.addEventListener('input',apply);
form.addEventListener('submit',(event)=>event.preventDefault());
form.hidden=false;
apply();
})();`;
