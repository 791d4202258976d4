// The two programs of the vehicle layer: an arrow by heading for each vehicle, or one point.

const PLACE = `
in vec4 way; in vec4 rest;
uniform mat4 matrix; uniform float now;
out float state;
vec4 place() {
  float lasts = rest.y - rest.x;
  float t = lasts > 0.0 ? clamp((now - rest.x) / lasts, 0.0, 1.0) : 1.0;
  state = rest.w;
  return matrix * vec4(mix(way.xy, way.zw, t), 0.0, 1.0);
}`;
const ARROW = `#version 300 es
in vec2 corner; uniform vec2 viewport; uniform float size, bearing;${PLACE}
void main() {
  vec4 at = place();
  float turn = radians(rest.z - bearing);
  vec2 offset = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * corner * size;
  gl_Position = vec4(at.xy + vec2(offset.x, -offset.y) * 2.0 / viewport * at.w, 0.0, at.w);
}`;
const POINT = `#version 300 es
uniform float size;${PLACE}
void main() {
  gl_Position = place();
  gl_PointSize = size;
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in float state; uniform vec3 running, late, alarmed; uniform float alpha; out vec4 colour;
void main() {
  vec3 c = state < 0.5 ? running : state < 1.5 ? late : alarmed;
  colour = vec4(c * alpha, alpha);
}`;

function program(gl, vertex) {
  const made = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  return made;
}

export const arrowProgram = (gl) => program(gl, ARROW);
export const pointProgram = (gl) => program(gl, POINT);
