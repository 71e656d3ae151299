# The service on plain Node: docker build -t edge-digits . && docker run -p 8787:8787 -v digits:/store edge-digits
FROM node:22-slim AS build
WORKDIR /app
COPY . .
RUN npm ci

FROM node:22-slim
WORKDIR /app
COPY --from=build /app/build/serve build/serve
COPY --from=build /app/build/assets build/assets
COPY --from=build /app/models models
RUN mkdir /store && chown node /store
USER node
VOLUME /store
EXPOSE 8787
CMD ["node", "build/serve/serve.js", "--host", "0.0.0.0", "--store", "/store"]
