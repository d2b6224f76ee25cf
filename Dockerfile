# The gauge without a GPU, as an ordinary user. docs/DEPLOY.md says how to run it.
FROM python:3.12-slim-bookworm AS system

# What OpenCV's wheel links to.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/*

FROM system AS build
WORKDIR /src
COPY . .
ENV PIP_NO_CACHE_DIR=1
RUN sh deploy/install.sh /opt/genuine-gauge

FROM system
RUN useradd --uid 10001 --create-home --groups video gauge
COPY --from=build /opt/genuine-gauge /opt/genuine-gauge
ENV PATH=/opt/genuine-gauge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache
USER 10001
WORKDIR /home/gauge
EXPOSE 8765
ENTRYPOINT ["realtime"]
CMD ["--demo", "--headless"]
