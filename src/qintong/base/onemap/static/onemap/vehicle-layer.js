// All vehicles as one draw call. The graphics card moves them between two reports by itself.

import { STRIDE } from "./fleet.js";
import { token } from "./tokens.js";
import { arrowProgram, pointProgram } from "./vehicle-shaders.js";

const ARROW = new Float32Array([0, -1, 0.72, 0.85, 0, 0.45, 0, -1, 0, 0.45, -0.72, 0.85]);
function rgb(name) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = token(name);
  const [r, g, b] = context.fillStyle.match(/\w\w/g).map((pair) => parseInt(pair, 16) / 255);
  return [r, g, b];
}

export class VehicleLayer {
  constructor(fleet) {
    this.id = "vehicles";
    this.type = "custom";
    this.renderingMode = "2d";
    this.fleet = fleet;
    this.look = { size: 8, alpha: 1 };
    this.isStale = true;
    this.recolour();
  }

  recolour() {
    this.colours = { running: rgb("--q-brand"), late: rgb("--q-c8"), alarmed: rgb("--q-red") };
  }

  onAdd(map, gl) {
    this.map = map;
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, ARROW, gl.STATIC_DRAW);
    this.buffer = gl.createBuffer();
    this.arrows = { program: arrowProgram(gl), array: gl.createVertexArray() };
    this.points = { program: pointProgram(gl), array: gl.createVertexArray() };
    gl.bindVertexArray(this.arrows.array);
    attribute(gl, this.arrows.program, "corner", corners, 2, 0, 0, 0);
    for (const [{ program, array }, divisor] of [[this.arrows, 1], [this.points, 0]]) {
      gl.bindVertexArray(array);
      attribute(gl, program, "way", this.buffer, 4, STRIDE * 4, 0, divisor);
      attribute(gl, program, "rest", this.buffer, 4, STRIDE * 4, 16, divisor);
    }
    gl.bindVertexArray(null);
    this.isStale = true;
  }

  // Called when the fleet has new reports.
  changed() {
    this.isStale = true;
    this.map?.triggerRepaint();
  }

  render(gl, { defaultProjectionData }) {
    const { fleet, look, colours, map } = this;
    if (!fleet.count || this.isHidden) return;
    if (this.isStale) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, fleet.data.subarray(0, fleet.count * STRIDE), gl.DYNAMIC_DRAW);
      this.isStale = false;
    }
    const { program, array } = look.isPoint ? this.points : this.arrows;
    gl.useProgram(program);
    const uniform = (name) => gl.getUniformLocation(program, name);
    gl.uniformMatrix4fv(uniform("matrix"), false, moved(defaultProjectionData.mainMatrix, fleet.base));
    const { width, height } = gl.canvas;
    const ratio = map.getPixelRatio();
    gl.uniform2f(uniform("viewport"), width, height);
    gl.uniform1f(uniform("now"), fleet.clock());
    gl.uniform1f(uniform("size"), look.size * ratio);
    gl.uniform1f(uniform("bearing"), map.getBearing());
    gl.uniform1f(uniform("alpha"), look.alpha);
    for (const [name, colour] of Object.entries(colours)) gl.uniform3fv(uniform(name), colour);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.CULL_FACE);
    gl.disable(gl.STENCIL_TEST);
    gl.bindVertexArray(array);
    if (look.isPoint) gl.drawArrays(gl.POINTS, 0, fleet.count);
    else gl.drawArraysInstanced(gl.TRIANGLES, 0, ARROW.length / 2, fleet.count);
    gl.bindVertexArray(null);
  }
}

// matrix · translation to `base`, reckoned in 64 bits before the card sees it.
function moved(matrix, [x, y]) {
  const m = Float64Array.from(matrix);
  for (let row = 0; row < 4; row += 1) m[12 + row] += m[row] * x + m[4 + row] * y;
  return Float32Array.from(m);
}

function attribute(gl, program, name, buffer, size, stride, offset, divisor) {
  const at = gl.getAttribLocation(program, name);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset);
  gl.vertexAttribDivisor(at, divisor);
}
