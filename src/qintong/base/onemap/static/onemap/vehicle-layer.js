// All vehicles as one draw call. The graphics card moves them between two reports by itself.

import { STRIDE } from "./fleet.js";
import { token } from "./tokens.js";

const ARROW = new Float32Array([0, -1, 0.72, 0.85, 0, 0.45, 0, -1, 0, 0.45, -0.72, 0.85]);
const VERTEX = `#version 300 es
in vec2 corner; in vec4 way; in vec4 rest;
uniform mat4 matrix; uniform vec2 viewport; uniform float now, size, bearing;
out float state;
void main() {
  float lasts = rest.y - rest.x;
  float t = lasts > 0.0 ? clamp((now - rest.x) / lasts, 0.0, 1.0) : 1.0;
  vec4 at = matrix * vec4(mix(way.xy, way.zw, t), 0.0, 1.0);
  float turn = radians(rest.z - bearing);
  vec2 offset = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * corner * size;
  gl_Position = vec4(at.xy + vec2(offset.x, -offset.y) * 2.0 / viewport * at.w, 0.0, at.w);
  state = rest.w;
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in float state; uniform vec3 running, late, alarmed; uniform float alpha; out vec4 colour;
void main() {
  vec3 c = state < 0.5 ? running : state < 1.5 ? late : alarmed;
  colour = vec4(c * alpha, alpha);
}`;

function rgb(name) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = token(name);
  const [r, g, b] = context.fillStyle.match(/\w\w/g).map((pair) => parseInt(pair, 16) / 255);
  return [r, g, b];
}

function program(gl) {
  const made = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  return made;
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
    this.program = program(gl);
    this.corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.corners);
    gl.bufferData(gl.ARRAY_BUFFER, ARROW, gl.STATIC_DRAW);
    this.buffer = gl.createBuffer();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    this.attribute(gl, "corner", this.corners, 2, 0, 0, 0);
    this.attribute(gl, "way", this.buffer, 4, STRIDE * 4, 0, 1);
    this.attribute(gl, "rest", this.buffer, 4, STRIDE * 4, 16, 1);
    gl.bindVertexArray(null);
    this.isStale = true;
  }

  attribute(gl, name, buffer, size, stride, offset, divisor) {
    const at = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(at, divisor);
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
    gl.useProgram(this.program);
    const uniform = (name) => gl.getUniformLocation(this.program, name);
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
    gl.bindVertexArray(this.array);
    gl.drawArraysInstanced(gl.TRIANGLES, 0, ARROW.length / 2, fleet.count);
    gl.bindVertexArray(null);
  }
}

// matrix · translation to `base`, reckoned in 64 bits before the card sees it.
function moved(matrix, [x, y]) {
  const m = Float64Array.from(matrix);
  for (let row = 0; row < 4; row += 1) m[12 + row] += m[row] * x + m[4 + row] * y;
  return Float32Array.from(m);
}
